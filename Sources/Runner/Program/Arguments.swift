import ArgumentParser
import Model
import Runner

/// The command line of `particle-run`.
struct Arguments: ParsableArguments {
  static let configuration = CommandConfiguration(commandName: "particle-run")

  @Argument(help: "The manifest, or - for standard input.")
  var manifest: String

  @Option(name: [.short, .long], help: "Where the outputs go.")
  var output = "./out"

  @Option(name: .long, help: "An export to make; may be given again. Without it: all.")
  var export: [String] = []

  @Option(name: .long, help: "The folder that keeps sources and results.")
  var store: String?

  @Option(
    name: .long,
    help: "What the store may take: 20GiB. Default: a tenth of its file system, 10GiB at least.")
  var storeSize: ByteSize?

  @Option(name: [.customShort("j"), .long], help: "How many stages may run at once.")
  var jobs: Int?

  @Flag(name: .long, help: "Print what would be fetched, run and reused, and do nothing.")
  var plan = false

  @Flag(
    name: .long,
    help: "Then run every stage again under other conditions, and tell which files differ.")
  var check = false

  /// What `--check` starts the program with.
  @Flag(name: .long, help: .hidden)
  var variedConditions = false

  @Flag(name: .long, help: "Use no network.")
  var offline = false

  @Flag(name: .long, help: "Keep the tree of a stage that fails.")
  var keepFailed = false

  @Flag(name: .long, help: "Print one JSON object with the results on standard output.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print errors only.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Print the digests of every stage.")
  var verbose = false

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("-j needs a number from 1") }
    if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other") }
  }

  var volume: Progress.Volume { quiet ? .quiet : verbose ? .verbose : .normal }
}

extension ByteSize: ExpressibleByArgument {
  /// Reads what a command line says: `20GiB`.
  public init?(argument: String) { self.init(argument) }
}
