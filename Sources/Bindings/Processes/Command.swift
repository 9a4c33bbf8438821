internal import CLinux
internal import Files
package import Glibc
package import Model

/// A program with its arguments, ready to be run by `posix_spawn`.
package struct Command: Sendable {
  /// How a process ended.
  package enum Ending: Sendable, Equatable {
    case exit(Int32)
    case signal(Int32)

    package var isSuccess: Bool { self == .exit(0) }
  }

  /// What a finished process left.
  package struct Outcome: Sendable {
    package var ending: Ending
    /// What it wrote to standard output; empty when that went elsewhere.
    package var output: [UInt8]
    /// What it wrote to standard error; empty when that went elsewhere.
    package var errors: [UInt8]

    package var text: String { String(decoding: output, as: UTF8.self) }
    package var errorText: String { String(decoding: errors, as: UTF8.self) }
  }

  /// Where a stream of the process goes.
  package enum Stream: Sendable {
    case inherit
    case null
    /// Kept, and given in the outcome.
    case capture
    /// An open file of ours.
    case descriptor(Int32)
  }

  /// The program (looked up in PATH when it has no slash) and its arguments.
  package var arguments: [String]
  /// The whole environment; nil for our own.
  package var environment: [String: String]?
  package var input: [UInt8]
  package var output: Stream
  package var errors: Stream
  /// Further open files: the child's number and ours.
  ///
  /// It has no others, whatever is open here.
  package var descriptors: [Int32: Int32]
  /// Where the process starts; nil for where we are.
  package var directory: String?
  /// In a process group of its own, so that a Ctrl-C on the terminal does not reach it.
  package var ownGroup: Bool
  /// The control group (of version 2) that it is in, an open folder; nil for our own.
  ///
  /// Such a process has a process group of its own, too.
  package var controlGroup: Int32?

  package init(
    _ arguments: [String], environment: [String: String]? = nil, input: [UInt8] = [],
    output: Stream = .capture, errors: Stream = .capture,
    descriptors: [Int32: Int32] = [:], directory: String? = nil, ownGroup: Bool = false
  ) {
    self.arguments = arguments
    self.environment = environment
    self.input = input
    self.output = output
    self.errors = errors
    self.descriptors = descriptors
    self.directory = directory
    self.ownGroup = ownGroup
  }

  /// Runs the program and waits for its end.
  ///
  /// - Parameter started: Called with the process id once it runs.
  /// - Returns: How it ended, and what was captured.
  /// - Throws: When it could not be started; how it ended is in the outcome.
  package func run(started: (pid_t) -> Void = { _ in }) throws(Failure) -> Outcome {
    let stdin = try FileDescriptor.inMemory(input)
    let stdout = try FileDescriptor.inMemory()
    let stderr = try FileDescriptor.inMemory()
    let null = try FileDescriptor.open("/dev/null", O_RDWR)

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var files: [Int32: Int32] = [0: stdin.raw]
    for (stream, number, captured) in [(output, 1 as Int32, stdout.raw), (errors, 2, stderr.raw)] {
      switch stream {
      case .inherit: if fcntl(number, F_GETFD) >= 0 { files[number] = number }
      case .null: files[number] = null.raw
      case .capture: files[number] = captured
      case .descriptor(let raw): files[number] = raw
      }
    }
    files.merge(descriptors) { $1 }
    let copies = try OpenFiles(files)
    copies.add(to: &actions)

    if let directory, case let code = particle_spawn_in(&actions, directory), code != 0 {
      errno = code
      throw .system("start a program in", directory)
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var flags = Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    if ownGroup {
      flags |= Int16(POSIX_SPAWN_SETPGROUP)
      posix_spawnattr_setpgroup(&attributes, 0)
    }
    posix_spawnattr_setflags(&attributes, flags)

    let pid: pid_t
    if let started = spawnInGroup(copies) {
      pid = started
    } else {
      pid = try spawn(&actions, &attributes)
    }
    started(pid)
    var status: Int32 = 0
    _ = retrying { waitpid(pid, &status, 0) }
    return Outcome(
      ending: status & 0x7f == 0 ? .exit((status >> 8) & 0xff) : .signal(status & 0x7f),
      output: try stdout.readAll(), errors: try stderr.readAll())
  }

  /// Starts it in its control group; nil where it has none, or the kernel can't do it.
  private func spawnInGroup(_ files: borrowing OpenFiles) -> pid_t? {
    guard let controlGroup, let environment, let path = Self.path(of: arguments[0]) else {
      return nil
    }
    let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let words = arguments.map { strdup($0) } + [nil]
    let settings = variables.map { strdup($0) } + [nil]
    defer { for pointer in words + settings { free(pointer) } }
    let pairs = files.pairs
    let process = particle_spawn_in_group(
      controlGroup, path, words, settings, pairs, Int32(pairs.count / 2))
    return process > 0 ? process : nil
  }

  /// Where a program is in PATH; nil where it is not.
  private static func path(of program: String) -> String? {
    if program.contains("/") { return program }
    let folders = getenv("PATH").map { String(cString: $0) } ?? ""
    return folders.split(separator: ":").map { "\($0)/\(program)" }
      .first { access($0, X_OK) == 0 }
  }

  private func spawn(
    _ actions: inout posix_spawn_file_actions_t, _ attributes: inout posix_spawnattr_t
  ) throws(Failure) -> pid_t {
    var pid: pid_t = 0
    var argv = arguments.map { strdup($0) } + [nil]
    defer { for pointer in argv { free(pointer) } }
    var code: Int32
    if let environment {
      let pairs = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      var envp = pairs.map { strdup($0) } + [nil]
      defer { for pointer in envp { free(pointer) } }
      code = posix_spawnp(&pid, arguments[0], &actions, &attributes, &argv, &envp)
    } else {
      code = posix_spawnp(&pid, arguments[0], &actions, &attributes, &argv, environ)
    }
    guard code == 0 else {
      errno = code
      throw .system("start", arguments[0])
    }
    return pid
  }

  /// Runs the program; anything but exit status 0 is a failure with its last lines of output.
  package func runChecked() throws(Failure) -> Outcome {
    let outcome = try run()
    guard outcome.ending.isSuccess else {
      throw failure(outcome.ending, said: outcome.errorText + outcome.text)
    }
    return outcome
  }

  /// What its ending means, with the last lines of what it said.
  package func failure(_ ending: Ending, said text: String) -> Failure {
    let said = text.split(separator: "\n").suffix(20)
    return Failure(
      "run", summary,
      cause: "\(ending)" + (said.isEmpty ? "" : "\n" + said.joined(separator: "\n")))
  }

  /// The program and its arguments in a line that a person can read: of many, the first ones.
  private var summary: String {
    var shown = arguments[...]
    while shown.count > 1, shown.reduce(0, { $0 + $1.utf8.count + 1 }) > Self.summaryLimit {
      shown = shown.dropLast()
    }
    let rest = arguments.count - shown.count
    return shown.joined(separator: " ") + (rest > 0 ? " … (\(rest) more arguments)" : "")
  }

  /// In bytes.
  private static let summaryLimit = 400
}

extension Command.Ending: CustomStringConvertible {
  package var description: String {
    switch self {
    case .exit(let status): "exit status \(status)"
    case .signal(let number): "killed by signal \(number) (\(String(cString: strsignal(number))))"
    }
  }
}
