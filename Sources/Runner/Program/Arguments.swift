import ArgumentParser
import Glibc
import Model
import Runner

/// The command line of `particle-run`.
struct Arguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "particle-run", abstract: "Makes what a manifest says.",
    version: "particle-run \(particleVersion)")

  @Argument(help: "The manifest, or - for standard input.")
  var manifest: String

  @Option(name: [.short, .long], help: "Where the outputs go.")
  var output = "./out"

  @Flag(
    name: .long,
    help: "Replace outputs that no earlier run placed, and directories that were changed since.")
  var force = false

  @Option(name: .long, help: "An export to make; may be given again. Without it: all.")
  var export: [String] = []

  @Option(name: .long, help: "The folder that keeps sources and results.")
  var store: String?

  @Option(
    name: .long,
    help: "What the store may take: 20GiB. Default: a tenth of its file system, 10GiB at least.")
  var storeSize: ByteSize?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A group whose members may read the store's logs, sources and records of results; 'none' ends it. Only root's"
        + " store can have one.", valueName: "group"))
  var storeReaders: String?

  @Option(
    name: [.customShort("j", allowingJoined: true), .long], help: "How many stages may run at once."
  )
  var jobs: Int?

  @Option(
    name: .long, help: "What a stage may take of memory: 4GiB. Default: 7/8 of the machine's.")
  var stageMemory: ByteSize?

  @Option(name: .long, help: "How many processes and threads a stage may have. Default: 4096.")
  var stageProcesses: Int?

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

  @Option(
    name: .customLong("monitor-fd"),
    help: "Tell this open file descriptor what goes on, as JSON text sequences.")
  var monitor: Int32?

  @Flag(name: .long, help: "Print one JSON object with the results on standard output.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print nothing but errors and the outputs.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Print the key and the layer of every stage.")
  var verbose = false

  func validate() throws {
    if output.isEmpty { throw ValidationError("-o needs the name of a directory") }
    if let jobs, jobs < 1 { throw ValidationError("-j needs a number from 1") }
    if let stageProcesses, stageProcesses < 1 {
      throw ValidationError("--stage-processes needs a number from 1")
    }
    if let monitor, !Monitor.isOpen(monitor) {
      throw ValidationError("--monitor-fd \(monitor): no such file descriptor is open")
    }
    if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other") }
  }

  /// How people are told what goes on.
  var style: Progress.Style { .usual(isQuiet: quiet, isForPrograms: json) }

  /// Whether errors may have colours (https://no-color.org).
  var isColoured: Bool { Progress.isOnTerminal && environment("NO_COLOR") == nil }

  /// What each stage may take.
  var limits: StageLimits {
    StageLimits(
      memory: stageMemory ?? StageLimits.standard.memory,
      processes: stageProcesses ?? StageLimits.standard.processes)
  }
}

/// A variable of the environment; nil where it is empty.
func environment(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

extension ByteSize: ExpressibleByArgument {
  /// Reads what a command line says: `20GiB`.
  public init?(argument: String) { self.init(argument) }
}
