internal import ArgumentParser
internal import Compiler
internal import Files
internal import Glibc
internal import Model

/// The command `particle build RECIPE`.
struct BuildRecipe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Build a recipe: compile it and make its outputs.",
    discussion: """
      The manifest is kept in the output directory as manifest.json. It records what every byte \
      was made of, and 'particle run' makes the same outputs from it again.

      Exit status: that of particle-compile if it fails, otherwise that of particle-run.
      """)

  @Argument(
    help: "The recipe, a YAML file. Default: the only recipe in this directory.",
    completion: .file(extensions: ["yml", "yaml"]))
  var recipe: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the outputs to this directory.", valueName: "dir"),
    completion: .directory)
  var output = "./out"

  @Option(
    name: .customLong("arch"),
    help: ArgumentHelp("The architecture to build for, one of the recipe's.", valueName: "arch"))
  var architecture: String?

  @Option(help: ArgumentHelp("The URL of a Debian archive.", valueName: "url"))
  var mirror: String?

  @Option(
    help: ArgumentHelp("Keep package lists in this directory.", valueName: "dir"),
    completion: .directory)
  var cache: String?

  @Option(
    help: ArgumentHelp(
      "Keep the packages recorded in this earlier manifest.", valueName: "manifest"),
    completion: .file(extensions: ["json"]))
  var lock: String?

  @Option(
    help: ArgumentHelp("Take packages from the archive as it was at this time.", valueName: "time"))
  var snapshot: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Set a variable that the recipe declares. Can be repeated.", valueName: "key=value"))
  var settings: [String] = []

  @Flag(
    help: """
      Also replace files and directories that no earlier build placed, and placed directories that \
      have changed since.
      """)
  var force = false

  @OptionGroup var project: ProjectOptions

  @Option(
    help: ArgumentHelp("Make this export. Can be repeated. Default: all.", valueName: "name"))
  var export: [String] = []

  @Option(
    help: ArgumentHelp("Keep sources and results in this directory.", valueName: "dir"),
    completion: .directory)
  var store: String?

  @Option(
    help: ArgumentHelp(
      "The store's size limit, such as 20GiB. Default: PARTICLE_STORE_SIZE, or a tenth of its file"
        + " system, but at least 10GiB.", valueName: "size"))
  var storeSize: String?

  @Option(help: ArgumentHelp("Each stage's memory limit, such as 4GiB.", valueName: "size"))
  var stageMemory: String?

  @Option(
    help: ArgumentHelp("How many processes and threads a stage may have.", valueName: "count"))
  var stageProcesses: String?

  @Option(
    name: .customShort("j", allowingJoined: true),
    help: ArgumentHelp("How many stages may run at once.", valueName: "count"))
  var jobs: Int?

  @Flag(
    help: """
      After the build, run every stage again under other conditions and list the files that \
      differ.
      """)
  var check = false

  @Flag(help: "Do not use the network.")
  var offline = false

  @Flag(help: "Keep the tree of a stage that fails.")
  var keepFailed = false

  @Flag(help: "Print the results as one JSON object; errors are JSON, too.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print only errors and the outputs.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Also print the key and the layer of every stage.")
  var verbose = false

  func validate() throws {
    if output.isEmpty { throw ValidationError("-o needs a directory name") }
    if quiet && verbose { throw ValidationError("--quiet and --verbose cannot be used together") }
  }

  func run() throws {
    let manifest = "\(output)/manifest.json"
    let recipe = try recipe ?? onlyRecipe()
    try checkManifest(manifest)
    try Files.makeOutputDirectory(output)
    try Sibling.compile.succeed(compileArguments(recipe, manifest))
    let next = try nextCommand(manifest)
    try Sibling.run.become((next.map { ["--next", $0] } ?? []) + runArguments(manifest))
  }

  /// A command that puts the first output to use that is made for one.
  private func nextCommand(_ manifest: String) throws -> String? {
    let made = try Manifest.read(manifest)
    let names = made.exports.keys.inByteOrder()
      .filter { name in export.isEmpty || export.contains { $0.isSame(as: name) } }
    func path(_ name: String) -> String {
      let path = "\(output)/\(name)"
      return shellWord(path.begins(with: "./") ? String(path.dropFirst(2)) : path)
    }
    let formats = [".raw", ".qcow2", ".iso", ".vmdk", ".vdi", ".vhdx", ".vhd"]
    if let disk = formats.lazy.compactMap({ end in names.first { $0.hasSuffix(end) } }).first {
      let machine =
        made.architecture == Architecture.own ? "" : " --arch \(made.architecture.rawValue)"
      return "start it with: particle vm \(path(disk))\(machine)"
    }
    return names.first { $0.hasSuffix(".oci-archive") }.map {
      "load it with: podman load -i \(path($0))"
    }
  }

  /// The only recipe in the working directory.
  private func onlyRecipe() throws -> String {
    let names = try Files.names(in: ".").sorted().filter { name in
      guard name.hasSuffix(".yml") || name.hasSuffix(".yaml"),
        let text = try? Files.readText(name)
      else { return false }
      // Other tools have YAML files, too, and a recipe has files of modules.
      let keys = text.split(separator: "\n").compactMap { $0.split(separator: ":").first }
      return ["version", "name", "base"].allSatisfy { keys.contains(Substring($0)) }
    }
    guard names.count == 1 else {
      let found = names.map { "'\(shown($0))'" }.joined(separator: ", ")
      throw Refusal(diagnostics: [
        Diagnostic(
          names.isEmpty ? "this directory has no recipe" : "this directory has several recipes",
          remedy: names.isEmpty
            ? "name one, or create one: particle init web" : "name one of \(found)")
      ])
    }
    if !quiet, !json { Output.errors.write("particle: building \(shown(names[0]))\n") }
    return names[0]
  }

  /// Other programs have files of this name, too.
  private func checkManifest(_ path: String) throws {
    var info = stat()
    guard !force, stat(path, &info) == 0 else { return }
    let isFile = info.st_mode & S_IFMT == S_IFREG
    if isFile, try Files.readText(path).contains("\"pipelines\"") { return }
    throw Refusal(diagnostics: [
      Diagnostic(
        "'\(shown(path))' is not a manifest of particle-os: it would be lost",
        remedy: "move it away, or choose another directory with -o; --force replaces it")
    ])
  }

  private func compileArguments(_ recipe: String, _ manifest: String) -> [String] {
    given([
      ("--arch", architecture), ("--mirror", mirror), ("--cache", cache), ("--lock", lock),
      ("--snapshot", snapshot),
    ]) + settings.flatMap { ["--set", $0] }
      + project.allow.flatMap { ["--allow", $0] }
      + flags([("--offline", offline), ("--json", json)]) + ["--output", manifest, "--", recipe]
  }

  private func runArguments(_ manifest: String) -> [String] {
    given([
      ("--output", output), ("--store", store), ("--store-size", storeSize),
      ("--jobs", jobs.map { "\($0)" }), ("--stage-memory", stageMemory),
      ("--stage-processes", stageProcesses),
    ])
      + export.flatMap { ["--export", $0] }
      + flags([
        ("--force", force), ("--check", check), ("--offline", offline),
        ("--keep-failed", keepFailed),
        ("--json", json), ("--quiet", quiet), ("--verbose", verbose),
      ]) + ["--", manifest]
  }

  private func given(_ options: [(String, String?)]) -> [String] {
    options.flatMap { name, value in value.map { [name, $0] } ?? [] }
  }

  private func flags(_ flags: [(String, Bool)]) -> [String] {
    flags.filter(\.1).map(\.0)
  }
}
