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
  package var descriptors: [Int32: Int32]
  /// In a process group of its own, so that a Ctrl-C on the terminal does not reach it.
  package var ownGroup: Bool

  package init(
    _ arguments: [String], environment: [String: String]? = nil, input: [UInt8] = [],
    output: Stream = .capture, errors: Stream = .capture,
    descriptors: [Int32: Int32] = [:], ownGroup: Bool = false
  ) {
    self.arguments = arguments
    self.environment = environment
    self.input = input
    self.output = output
    self.errors = errors
    self.descriptors = descriptors
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
    posix_spawn_file_actions_adddup2(&actions, stdin.raw, 0)
    for (stream, number, captured) in [(output, 1 as Int32, stdout.raw), (errors, 2, stderr.raw)] {
      switch stream {
      case .inherit: break
      case .null: posix_spawn_file_actions_adddup2(&actions, null.raw, number)
      case .capture: posix_spawn_file_actions_adddup2(&actions, captured, number)
      case .descriptor(let raw): posix_spawn_file_actions_adddup2(&actions, raw, number)
      }
    }
    for (theirs, ours) in descriptors {
      posix_spawn_file_actions_adddup2(&actions, ours, theirs)
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

    let pid = try spawn(&actions, &attributes)
    started(pid)
    var status: Int32 = 0
    _ = retrying { waitpid(pid, &status, 0) }
    return Outcome(
      ending: status & 0x7f == 0 ? .exit((status >> 8) & 0xff) : .signal(status & 0x7f),
      output: try stdout.readAll(), errors: try stderr.readAll())
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
      let said = (outcome.errorText + outcome.text).split(separator: "\n").suffix(20)
      throw Failure(
        "run", arguments.joined(separator: " "),
        cause: "\(outcome.ending)" + (said.isEmpty ? "" : "\n" + said.joined(separator: "\n")))
    }
    return outcome
  }
}

extension Command.Ending: CustomStringConvertible {
  package var description: String {
    switch self {
    case .exit(let status): "exit status \(status)"
    case .signal(let number): "killed by signal \(number) (\(String(cString: strsignal(number))))"
    }
  }
}
