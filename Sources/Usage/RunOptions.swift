package import ArgumentParser
internal import Glibc
package import Model

/// How a manifest is built: for all that build one.
package struct RunOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the outputs to this directory.", valueName: "dir"),
    completion: .directory)
  package var output = Self.usualOutput

  @Flag(
    help: """
      Also replace files and directories that no earlier build placed, and placed directories that \
      have changed since; place set-user-id programs where other users can run them.
      """)
  package var force = false

  @Option(
    help: ArgumentHelp(
      "Make only this output, such as disk.raw. Can be repeated. Default: all.", valueName: "name"))
  package var export: [String] = []

  @Option(
    help: ArgumentHelp("Keep sources and results in this directory.", valueName: "dir"),
    completion: .directory)
  package var store: String?

  @Option(
    help: ArgumentHelp(
      "The store's size limit, such as 20GiB. Default: PARTICLE_STORE_SIZE, or a tenth of its file"
        + " system, but at least 10GiB.", valueName: "size"))
  package var storeSize: ByteSize?

  @Option(
    help: ArgumentHelp(
      "Let members of this group read the store's logs, sources and records of results, from now"
        + " on; 'none' ends that. Only root's store can have such a group.", valueName: "group"))
  package var storeReaders: String?

  @Option(
    name: [.customShort("j", allowingJoined: true), .long],
    help: ArgumentHelp("How many stages may run at once.", valueName: "count"))
  package var jobs: Int?

  @Option(
    help: ArgumentHelp(
      "Each stage's memory limit, such as 4GiB. Default: 7/8 of the machine's memory.",
      valueName: "size"))
  package var stageMemory: ByteSize?

  @Option(
    help: ArgumentHelp(
      "How many processes and threads a stage may have. Default: 4096.", valueName: "count"))
  package var stageProcesses: Int?

  @Flag(help: "Print what would be fetched, run and reused, and do nothing.")
  package var plan = false

  @Flag(
    help: """
      After the build, run every stage again under other conditions and list the files that \
      differ.
      """)
  package var check = false

  @Flag(help: "Do not use the network.")
  package var offline = false

  @Flag(help: "Keep the tree of a stage that fails.")
  package var keepFailed = false

  @Option(
    name: .customLong("monitor-fd"),
    help: ArgumentHelp(
      "Report progress to this open file descriptor, as JSON text sequences.", valueName: "fd"))
  package var monitor: Int32?

  @Flag(help: "Print the results as one JSON object on standard output; errors are JSON, too.")
  package var json = false

  @Flag(name: .shortAndLong, help: "Print only errors and the outputs.")
  package var quiet = false

  @Flag(name: .shortAndLong, help: "Also print the key and the layer of every stage.")
  package var verbose = false

  package init() {}

  private static let usualOutput = "./out"

  package mutating func validate() throws {
    if output.isEmpty { throw ValidationError("-o needs a directory name") }
    if output == Self.usualOutput {
      // Nobody has chosen where it leads: it may be part of a project of somebody else.
      var info = stat()
      if lstat(output, &info) == 0, info.st_mode & S_IFMT == S_IFLNK {
        throw ValidationError(
          "\(output) is a symbolic link: name the directory that you mean with -o")
      }
    }
    if let jobs, jobs < 1 { throw ValidationError("-j must be at least 1") }
    if let stageProcesses, stageProcesses < 1 {
      throw ValidationError("--stage-processes must be at least 1")
    }
    if let monitor, fcntl(monitor, F_GETFD) < 0 {
      throw ValidationError("--monitor-fd \(monitor): no such file descriptor is open")
    }
    if quiet && verbose { throw ValidationError("--quiet and --verbose cannot be used together") }
  }

  /// The same as arguments of another program.
  package var words: [String] {
    let given: [(String, String?)] = [
      ("--output", output), ("--store", store), ("--store-size", storeSize.map { "\($0)" }),
      ("--store-readers", storeReaders), ("--jobs", jobs.map { "\($0)" }),
      ("--stage-memory", stageMemory.map { "\($0)" }),
      ("--stage-processes", stageProcesses.map { "\($0)" }),
      ("--monitor-fd", monitor.map { "\($0)" }),
    ]
    let flags = [
      ("--force", force), ("--plan", plan), ("--check", check), ("--offline", offline),
      ("--keep-failed", keepFailed),
      ("--json", json), ("--quiet", quiet), ("--verbose", verbose),
    ]
    return given.flatMap { name, value in value.map { [name, $0] } ?? [] }
      + export.flatMap { ["--export", $0] } + flags.filter(\.1).map(\.0)
  }
}

extension ByteSize: ExpressibleByArgument {
  /// Reads what a command line says: `20GiB`.
  package init?(argument: String) { self.init(argument) }
}
