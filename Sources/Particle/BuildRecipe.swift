internal import ArgumentParser
internal import Compiler
internal import Files
internal import Glibc
internal import Model
internal import Usage

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

  @OptionGroup(title: "Compiling") var compiling: CompileOptions

  @OptionGroup(title: "Building") var building: RunOptions

  func run() throws {
    let output = building.output
    let manifest = "\(output)/manifest.json"
    let recipe = try recipe ?? onlyRecipe()
    try checkManifest(manifest)
    try Files.makeOutputDirectory(output)
    try Sibling.compile.succeed(
      compiling.words
        + (building.offline ? ["--offline"] : []) + (building.json ? ["--json"] : [])
        + ["--output", manifest, "--", recipe])
    let next = try nextCommand(manifest)
    try Sibling.run.become(
      (next.map { ["--next", $0] } ?? []) + building.words + ["--", manifest])
  }

  /// A command that puts the first output to use that is made for one.
  private func nextCommand(_ manifest: String) throws -> String? {
    let made = try Manifest.read(manifest)
    let names = made.exports.keys.inByteOrder()
      .filter { name in building.export.isEmpty || building.export.contains { $0.isSame(as: name) }
      }
    func path(_ name: String) -> String {
      let path = "\(building.output)/\(name)"
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
        let file = try? FileDescriptor.openRegular(name),
        let bytes = try? file.readAll(limit: 1 << 24)
      else { return false }
      let text = String(decoding: bytes, as: UTF8.self)
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
    if !building.quiet, !building.json {
      Output.errors.write("particle: building \(shown(names[0]))\n")
    }
    return names[0]
  }

  /// Other programs have files of this name, too.
  private func checkManifest(_ path: String) throws {
    var info = stat()
    guard !building.force, stat(path, &info) == 0 else { return }
    let isFile = info.st_mode & S_IFMT == S_IFREG
    if isFile, try Files.readText(path).contains("\"pipelines\"") { return }
    throw Refusal(diagnostics: [
      Diagnostic(
        "'\(shown(path))' is not a manifest of particle-os: it would be lost",
        remedy: "move it away, or choose another directory with -o; --force replaces it")
    ])
  }
}
