internal import ArgumentParser
internal import Model
internal import Runner

/// The command `particle shell MANIFEST`.
struct Shell: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Open a shell in the tree of a system that was built, and look around.",
    discussion: """
      The tree comes from the store, so build the manifest first. Nothing is copied, and whatever \
      you change is thrown away. Like a stage of a build, the shell has no network and no running \
      services; use 'particle vm' to start the system as a machine.

      Exit status: that of the shell or the command, 1 the tree is not in the store, 2 the command \
      line or the manifest is wrong.
      """)

  @Argument(
    help: "The manifest, such as out/manifest.json.", completion: .file(extensions: ["json"]))
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
    let file = try ManifestFile(manifest)
    let store = try place.existing()
    let stages = StageFolders.standard()
    try Host.prepare()
    let status = try waiting {
      try await store.use(limit: nil, Progress(style: .quiet)) { store in
        try TreeShell(file.manifest, pipeline: pipeline, stages, in: store).run(command)
      }
    }
    guard status == 0 else { throw ExitCode(status) }
  }
}
