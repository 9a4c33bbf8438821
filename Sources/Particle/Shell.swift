internal import ArgumentParser
internal import Glibc
internal import Model
internal import Runner

/// The command `particle shell MANIFEST|DIRECTORY`.
struct Shell: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Open a shell in the tree of a system that was built, or of a stage that failed.",
    discussion: """
      The tree comes from the store, so build the manifest first. Nothing is copied, and whatever \
      you change is thrown away. Like a stage of a build, the shell has no network and no running \
      services; use 'particle vm' to start the system as a machine.

      When a stage fails, a build with --keep-failed names the directory that its tree is in. The \
      shell in that tree sees what the stage saw; to run the stage again in it:

        /run/particle/stage </run/particle/request.json

      Exit status: that of the shell or the command, 1 the tree is not in the store, 2 the command \
      line or the manifest is wrong.
      """)

  @Argument(
    help: ArgumentHelp(
      "The manifest, such as out/manifest.json, or the directory of a stage that failed.",
      valueName: "manifest"),
    completion: .file(extensions: ["json"]))
  var manifest: String

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("After --, a command to run in place of a shell.", valueName: "command"))
  var command: [String] = []

  @Option(
    help: ArgumentHelp(
      "Take the tree of this pipeline. Default: the finished system of the last image.",
      valueName: "name"))
  var pipeline: String?

  @OptionGroup var place: StoreCare.Place

  func validate() throws {
    if manifest == "-" {
      throw ValidationError("the manifest must be a file, as standard input is the shell's")
    }
  }

  func run() throws {
    var info = stat()
    let isDirectory = stat(manifest, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    let status = try isDirectory ? inFailedTree() : inSystem()
    guard status == 0 else { throw ExitCode(status) }
  }

  private func inFailedTree() throws -> Int32 {
    if pipeline != nil || place.store != nil {
      throw ValidationError(
        "--pipeline and --store are for manifests; the directory of a stage that failed has its tree"
      )
    }
    let failed = try FailedTree(kept: manifest)
    let stages = StageFolders.standard()
    try Host.prepare()
    return try waiting {
      try await failed.store.use(limit: nil, Progress(style: .quiet)) { store in
        try failed.run(command, stages, in: store)
      }
    }
  }

  private func inSystem() throws -> Int32 {
    let file = try ManifestFile(manifest)
    let store = try place.existing()
    let stages = StageFolders.standard()
    try Host.prepare()
    return try waiting {
      try await store.use(limit: nil, Progress(style: .quiet)) { store in
        try TreeShell(file.manifest, pipeline: pipeline, stages, in: store).run(command)
      }
    }
  }
}
