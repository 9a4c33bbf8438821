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
  ///   - input: What the command reads from standard input.
  ///   - log: The file to make of what it and its children write.
  ///   - limits: What it may take.
  ///   - started: Called with the process id of bubblewrap.
  /// - Returns: How the command ended.
  /// - Throws: When it could not be started, or its log could not be written.
  func run(
    input: [UInt8], log: String, limits: StageLimits, started: (pid_t) -> Void
  ) throws(Failure) -> Outcome {
    let filter = try FileDescriptor.inMemory(SeccompFilter.bytes)
    var information = try Pipe()
    var output = try Pipe()
    let keeper = try LogKeeper(output.reading, to: log)
    var options = ["--seccomp", "\(filter.raw)", "--info-fd", "\(information.writing)"]
    var descriptors = [filter.raw: filter.raw, information.writing: information.writing]
    if let userNamespace {
      options += ["--userns", "\(userNamespace)"]
      descriptors[userNamespace] = userNamespace
    }
    let command = Command(
      arguments.prefix(1) + options + arguments.dropFirst(), environment: nil, input: input,
      output: .descriptor(output.writing), errors: .descriptor(output.writing),
      descriptors: descriptors,
      ownGroup: true)
    var first: FileDescriptor?
    var watch: LimitWatch?
    let ending: Command.Ending
    do {
      ending = try command.run { process in
        started(process)
        information.endWriting()
        output.endWriting()
        guard let process = firstProcess(information.reading) else { return }
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
    let excess = watch?.finish()
    try keeper.finish()
    return Outcome(ending: ending, excess: excess)
  }

  /// The first process of the sandbox, of which bubblewrap tells; nil when it never came to be.
  private func firstProcess(_ pipe: Int32) -> pid_t? {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 512)
    while true {
      let count = retrying { read(pipe, &buffer, buffer.count) }
      guard count > 0 else { break }
      text += buffer[..<count]
    }
    let words = String(decoding: text, as: UTF8.self).split { !($0.isLetter || $0.isNumber) }
    guard let name = words.firstIndex(of: "pid"), name + 1 < words.count,
      let process = pid_t(words[name + 1])
    else { return nil }
    return process
  }
}
