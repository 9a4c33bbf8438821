internal import Files
internal import Glibc
internal import Model
internal import Processes
internal import Synchronization
internal import Trees

/// A person's commands in a sandbox like a stage's, whose streams are carried over to ours.
struct ShellSession {
  var sandbox: Sandbox
  var workspace: Workspace

  /// What the sandbox is to run.
  ///
  /// - Parameter command: The words of a command; none for a shell.
  /// - Returns: All words.
  static func words(_ command: [String]) -> [String] {
    command.isEmpty
      ? ["/bin/sh", "-c", "test -x /bin/bash && exec bash || exec sh"]
      : ["/bin/sh", "-c", "exec \"$@\"", "sh"] + command
  }

  /// Whether the tree of these folders, lowest first, has a shell.
  static func isPossible(in folders: [String]) -> Bool {
    // By its own names: what a link leads to is the host's from here.
    let tree = LayerStack(folders)
    return ["/bin/sh", "/usr/bin/sh"].contains { (try? tree.find($0)) != nil }
  }

  /// Runs it, and waits for its end.
  ///
  /// - Returns: Its exit status, as a shell has it.
  /// - Throws: When it cannot be started.
  func run() throws(Failure) -> Int32 {
    var sandbox = sandbox
    sandbox.environment["TERM"] = getenv("TERM").map { String(cString: $0) } ?? "dumb"
    let words = sandbox.arguments(initProgram: try workspace.view(of: try Host.initProgram.get()))
    let filter = try FileDescriptor.inMemory(SeccompFilter.bytes)
    var options = ["--seccomp", "9"]
    var descriptors: [Int32: Int32] = [9: filter.raw]
    if let userNamespace = sandbox.userNamespace {
      options += ["--userns", "8"]
      descriptors[8] = userNamespace
    }
    let streams = ShellStreams(
      words: words.prefix(1) + options + words.dropFirst(), descriptors: descriptors)
    // A signal that asks this program to end is passed on to the command.
    var ends = [SIGTERM, SIGHUP]
    if streams.areTerminal {
      // Ctrl-C reaches the shell as well: how it responds decides whether this ends.
      signal(SIGINT, SIG_IGN)
      signal(SIGQUIT, SIG_IGN)
    } else {
      ends += [SIGINT, SIGQUIT]
    }
    let signals = ends
    let told = Mutex<Int32>(0)
    let ending = try streams.run { process in
      startThread {
        var set = sigset_t()
        sigemptyset(&set)
        for number in signals { sigaddset(&set, number) }
        var number: Int32 = 0
        guard sigwait(&set, &number) == 0 else { return }
        told.withLock { $0 = number }
        // What carries a terminal over gives ours back first; what it has started ends with it.
        kill(process, SIGTERM)
      }
    }
    let number = told.withLock(\.self)
    if number != 0 { return 128 + number }
    switch ending {
    case .exit(let status): return status
    case .signal(let number): return 128 + number
    }
  }
}
