import ArgumentParser
import Compiler
import Files
import Glibc
import Model

@main struct ParticleCompile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "particle-compile",
    abstract: "Compile a recipe to a manifest that says exactly what an image is made of.",
    discussion: """
      Packages are resolved by apt, in folders of its own, from the mirror that --mirror, the \
      recipe, PARTICLE_MIRROR or this host's apt names, in this order.

      Exit status: 0 done, 1 resolving failed, 2 the recipe or the command line is wrong.
      """,
    version: particleVersion)

  @Argument(help: "The recipe, a YAML file.", completion: .file(extensions: ["yml", "yaml"]))
  var recipe: String

  @Option(
    name: .shortAndLong, help: "Where the manifest goes; standard output without it.",
    completion: .file())
  var output: String?

  @Option(
    name: .customLong("arch"),
    help: "One of the recipe's architectures; else this machine's own if it is there, or the first."
  )
  var architecture: String?

  @Option(help: ArgumentHelp("The address of a Debian archive.", valueName: "url"))
  var mirror: String?

  @Flag(help: "Use only the package lists of an earlier run.")
  var offline = false

  @Option(
    help: ArgumentHelp(
      "Where package lists are kept; else PARTICLE_CACHE or the usual place.", valueName: "dir"),
    completion: .directory)
  var cache: String?

  @Flag(help: "Write problems as a JSON array to standard error.")
  var json = false

  func validate() throws {
    if let mirror, !Schema<String>.isMirror(mirror) {
      throw ValidationError(
        "'\(mirror)' is no mirror: write the address of the folder that has 'dists': "
          + "https://HOST/debian")
    }
  }

  static func main() {
    do {
      let command = try parseAsRoot()
      guard let compile = command as? ParticleCompile else {
        var other = command
        try other.run()
        return
      }
      Glibc.exit(compile.status())
    } catch {
      let code = exitCode(for: error)
      let text = fullMessage(for: error) + "\n"
      write(Array(text.utf8), to: code.isSuccess ? 1 : 2)
      Glibc.exit(code.isSuccess ? 0 : 2)
    }
  }

  private func status() -> Int32 {
    do {
      let manifest = try compile(
        recipe, for: architecture,
        ResolveSettings(mirror: mirror, cache: cache, offline: offline))
      try place(Manifest.schema.encode(manifest).prettyBytes)
      return 0
    } catch {
      tell(error)
      return error.exitStatus
    }
  }

  private func place(_ bytes: [UInt8]) throws(CompileError) {
    guard let output, output != "-" else {
      if Self.write(bytes, to: 1) { return }
      throw .failure(Failure.system("write", "standard output"))
    }
    do { try Files.writeAtomically(bytes, to: output) } catch {
      throw .failure(Failure("write", output, cause: error.cause))
    }
  }

  private func tell(_ error: CompileError) {
    let report = Report(colour: getenv("NO_COLOR") == nil && isatty(2) == 1)
    let text: String
    switch error {
    case .recipe(let refusal), .resolving(let refusal):
      text =
        json
        ? Report.json(refusal.diagnostics).prettyText
        : report.text(refusal.diagnostics) { try? Files.readText($0) }
    case .failure(let failure):
      text = json ? Report.json(failure).prettyText : report.text(failure)
    }
    Self.write(Array(text.utf8), to: 2)
  }

  /// Writes all bytes to an open file that is not ours to close.
  @discardableResult private static func write(_ bytes: [UInt8], to number: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { buffer in
        retrying { Glibc.write(number, buffer.baseAddress, buffer.count) }
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
