import ArgumentParser
import Compiler
import Files
import Glibc
import Model
import Usage

@main struct ParticleCompile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "particle-compile",
    abstract: "Compile a recipe to a manifest that records exactly what an image is made of.",
    discussion: """
      apt resolves the packages, independently of those on this machine. It uses the mirror given \
      by --mirror, the recipe, PARTICLE_MIRROR or this host's apt, in this order.

      Exit status: 0 done, 1 resolving failed, 2 the recipe or the command line is wrong.
      """,
    version: "particle-compile \(particleVersion)")

  @Argument(help: "The recipe, a YAML file.", completion: .file(extensions: ["yml", "yaml"]))
  var recipe: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write the manifest to this file. Default: standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var options: CompileOptions

  @Flag(help: "Use only the package lists that an earlier run left in the cache.")
  var offline = false

  @Flag(help: "Write errors and warnings to standard error as a JSON array.")
  var json = false

  func validate() throws {
    if let flaw = options.mirror.flatMap({ Schema<String>.mirrorFlaw(of: $0) }) {
      throw ValidationError("\(withoutLogins(flaw.problem)): \(flaw.remedy)")
    }
  }

  static func main() {
    do { try Surroundings.complete() } catch {
      write(Array("error: \(error)\n".utf8), to: 2)
      Glibc.exit(1)
    }
    let command = parsed(CompileOptions.parsable(Array(CommandLine.arguments.dropFirst())))
    if let compile = command as? ParticleCompile { Glibc.exit(compile.status()) }
    do {
      var other = command
      try other.run()
    } catch { end(with: error) }
  }

  private func status() -> Int32 {
    var warnings: [Diagnostic] = []
    do {
      try checkOutput()
      let manifest = try compile(
        recipe, for: options.architecture,
        ResolveSettings(
          mirror: options.mirror, cache: options.cache, offline: offline, lock: try readLock(),
          update: updates, snapshot: options.snapshot), variables: options.recipe.settings,
        allowing: options.recipe.allow, warn: { warnings = $0 })
      try place(manifest)
      if !warnings.isEmpty { tell(warnings) }
      return 0
    } catch {
      tell(error)
      return error.exitStatus
    }
  }

  private var updates: Update {
    if options.update.isEmpty { return .none }
    return options.updatesEverything ? .all : .packages(options.update)
  }

  private func readLock() throws(CompileError) -> Manifest? {
    guard let lock = options.lock else { return nil }
    do { return try Manifest.readLock(lock) } catch { throw .recipe(error) }
  }

  /// Refuses a place where no file can be written, before anybody waits for packages.
  private func checkOutput() throws(CompileError) {
    guard let output, output != "-" else { return }
    do { try Files.checkOutput(output) } catch {
      guard error.code == nil else { throw .failure(error) }
      let problem = "cannot write '\(shown(output))': \(error.cause)"
      throw .recipe(Refusal(diagnostics: [Diagnostic(problem, remedy: error.remedy)]))
    }
  }

  private func place(_ manifest: Manifest) throws(CompileError) {
    let bytes = Manifest.schema.encode(manifest).prettyBytes
    do {
      guard let output, output != "-" else {
        try Files.write(bytes, into: 1)
        if manifest.hasSecrets, othersReadStandardOutput, !json {
          Self.write(Array("note: \(Self.secrecy)\n".utf8), to: 2)
        }
        return
      }
      try Files.writeOutput(bytes, to: output, mode: manifest.hasSecrets ? 0o600 : 0o666)
    } catch { throw .failure(error) }
  }

  private static let secrecy = """
    the manifest has hashes of passwords or private files, and every user can read the file it is written to
      help: particle-compile -o FILE makes one that only its owner can read
    """

  private var othersReadStandardOutput: Bool {
    var info = stat()
    return fstat(1, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && info.st_mode & 0o044 != 0
  }

  private var report: Report { Report(colour: getenv("NO_COLOR") == nil && isatty(2) == 1) }

  private func tell(_ warnings: [Diagnostic]) {
    let text =
      json ? Report.json(warnings).prettyText : report.text(warnings, source: Report.source)
    Self.write(Array(text.utf8), to: 2)
  }

  /// Lines of a recipe are shown, and none of the lock: whoever made that may have put a link to another file in its place.
  private func source(_ file: String) -> String? {
    options.lock?.isSame(as: file) == true ? nil : Report.source(file)
  }

  private func tell(_ error: CompileError) {
    let text =
      json ? Report.json(error).prettyText : report.text(error, source: source)
    Self.write(Array(text.utf8), to: 2)
  }

  /// A message that nobody reads is not an error.
  private static func write(_ bytes: [UInt8], to number: Int32) {
    try? Files.write(bytes, into: number)
  }
}
