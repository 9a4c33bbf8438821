internal import CLinux
internal import Files
internal import Glibc
internal import Model
internal import Processes

extension Sandbox {
  /// How a run in a sandbox ended.
  struct Outcome {
    var ending: Command.Ending
    /// What it was killed for, where the runner did it.
    var excess: StageLimits.Excess?
  }

  /// Runs the command in this sandbox, until no process of it is left.
  ///
  /// - Parameters:
  ///   - initProgram: The path of `particle-init`.
  ///   - input: What the command reads from standard input.
  ///   - log: The file to make of what it and its children write.
  ///   - limits: What it may take.
  ///   - lifeline: The open file of a `Lifeline`; nil where nobody watches.
  ///   - group: The control group that all of it is in; nil for the runner's own.
  ///   - started: Called with the process id of bubblewrap.
  /// - Returns: How the command ended.
  /// - Throws: When it could not be started, or its log could not be written.
  func run(
    initProgram: String, input: [UInt8], log: String, limits: StageLimits, lifeline: Int32? = nil,
    group: ControlGroup? = nil,
    started: (pid_t) -> Void
  ) throws(Failure) -> Outcome {
    let filter = try FileDescriptor.inMemory(SeccompFilter.bytes)
    var output = try Pipe()
    let keeper = try LogKeeper(output.reading, to: log)
    // Keeps the command from beginning, and so from ending, before its first process is known.
    var gate = try Pipe()
    // The same numbers in every run: the sandbox's first process is told one of them.
    var options = ["--seccomp", "4", "--block-fd", "5"]
    var descriptors: [Int32: Int32] = [4: filter.raw, 5: gate.reading]
    descriptors[3] = lifeline
    if let userNamespace {
      options += ["--userns", "6"]
      descriptors[6] = userNamespace
    }
    let arguments = arguments(
      initProgram: initProgram, lifeline: lifeline.map { _ in 3 }, room: limits.room)
    var command = Command(
      arguments.prefix(1) + options + arguments.dropFirst(), environment: [:], input: input,
      output: .descriptor(output.writing), errors: .descriptor(output.writing),
      descriptors: descriptors,
      ownGroup: true)
    command.controlGroup = group?.folder
    var first: FileDescriptor?
    var watch: LimitWatch?
    let ending: Command.Ending
    do {
      ending = try command.run { process in
        defer { gate.endWriting() }
        started(process)
        output.endWriting()
        guard let process = Self.firstProcess(of: process) else { return }
        let raw = particle_open_process(process)
        guard raw >= 0 else { return }
        first = FileDescriptor(owning: raw)
        watch = LimitWatch(of: process, raw, limits: limits)
      }.ending
    } catch {
      output.endWriting()
      try keeper.finish()
      throw error
    }
    // Bubblewrap ends with the command. What the command has left behind is killed then, but may
    // still write for a moment; the first process of its namespace is the last to go.
    if let first {
      var wait = pollfd(fd: first.raw, events: Int16(POLLIN), revents: 0)
      _ = retrying { poll(&wait, 1, -1) }
    }
    let excess = watch?.finish() ?? group?.excess(limits)
    try keeper.finish()
    return Outcome(ending: ending, excess: excess)
  }

  /// The first process of the sandbox, bubblewrap's only child, which becomes `particle-init`; nil where bubblewrap ended without one,
  /// and on a kernel that tells no children.
  ///
  /// bubblewrap would tell (`--info-fd`), but where nobody is left to be told it dies in between, and
  /// its child waits for it for ever.
  private static func firstProcess(of bubblewrap: pid_t) -> pid_t? {
    guard ProcessTree.isKnown else { return nil }
    while true {
      var ended = siginfo_t()
      let found = waitid(P_PID, id_t(bubblewrap), &ended, WEXITED | WNOHANG | WNOWAIT)
      let children = try? Files.readText("/proc/\(bubblewrap)/task/\(bubblewrap)/children")
      if let child = children?.split(separator: " ").first { return pid_t(child) }
      if found != 0 || ended.si_signo != 0 { return nil }
      usleep(100)
    }
  }
}
