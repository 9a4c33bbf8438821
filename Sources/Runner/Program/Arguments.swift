import ArgumentParser
import Glibc
import Model
import Runner

/// The command line of `particle-run`.
struct Arguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "particle-run", abstract: "Build what a manifest describes.",
    version: "particle-run \(particleVersion)")

  @Argument(help: "The manifest, or - for standard input.")
  var manifest: String

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Write the outputs to this directory.", valueName: "dir"))
  var output = "./out"

  @Flag(
    name: .long,
    help: """
      Also replace files and directories that no earlier run placed, and placed directories that \
      have changed since.
      """)
  var force = false

  @Option(
    name: .long,
    help: ArgumentHelp("Make this export. Can be repeated. Default: all.", valueName: "name"))
  var export: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp("Keep sources and results in this directory.", valueName: "dir"))
  var store: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The store's size limit, such as 20GiB. Default: PARTICLE_STORE_SIZE, or a tenth of its file"
        + " system, but at least 10GiB.", valueName: "size"))
  var storeSize: ByteSize?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Let members of this group read the store's logs, sources and records of results, from now"
        + " on; 'none' ends that. Only root's store can have such a group.", valueName: "group"))
  var storeReaders: String?

  @Option(
    name: [.customShort("j", allowingJoined: true), .long],
    help: ArgumentHelp("How many stages may run at once.", valueName: "count"))
  var jobs: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Each stage's memory limit, such as 4GiB. Default: 7/8 of the machine's memory.",
      valueName: "size"))
  var stageMemory: ByteSize?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How many processes and threads a stage may have. Default: 4096.", valueName: "count"))
  var stageProcesses: Int?

  @Flag(name: .long, help: "Print what would be fetched, run and reused, and do nothing.")
  var plan = false

  @Flag(
    name: .long,
    help: """
      After the build, run every stage again under other conditions and list the files that \
      differ.
      """)
  var check = false

  /// What `--check` starts the program with.
  @Flag(name: .long, help: .hidden)
  var variedConditions = false

  /// What `particle build` has to say when all went well.
  @Option(name: .long, help: .hidden)
  var next: String?

  @Flag(name: .long, help: "Do not use the network.")
  var offline = false

  @Flag(name: .long, help: "Keep the tree of a stage that fails.")
  var keepFailed = false

  @Option(
    name: .customLong("monitor-fd"),
    help: ArgumentHelp(
      "Report progress to this open file descriptor, as JSON text sequences.", valueName: "fd"))
  var monitor: Int32?

  @Flag(name: .long, help: "Print the results as one JSON object on standard output.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print only errors and the outputs.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Also print the key and the layer of every stage.")
  var verbose = false

  func validate() throws {
    if output.isEmpty { throw ValidationError("-o needs a directory name") }
    if let jobs, jobs < 1 { throw ValidationError("-j must be at least 1") }
    if let stageProcesses, stageProcesses < 1 {
      throw ValidationError("--stage-processes must be at least 1")
    }
    if let monitor, !Monitor.isOpen(monitor) {
      throw ValidationError("--monitor-fd \(monitor): no such file descriptor is open")
    }
    if quiet && verbose { throw ValidationError("--quiet and --verbose cannot be used together") }
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
