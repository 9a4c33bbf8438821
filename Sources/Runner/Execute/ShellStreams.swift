internal import CLinux
internal import Dispatch
internal import Files
internal import Glibc
internal import Model
internal import Processes

/// Runs a command of a tree with streams that are not ours.
///
/// Whoever has an open file can open it again through /proc/self/fd, and change its mode and its owner: a tree's programs
/// must have neither our files nor our terminal. They get a terminal of their own, which script(1) makes and carries over,
/// or else pipes.
struct ShellStreams {
  /// How a sandbox is started.
  var words: [String]
  /// What bubblewrap reads, by the numbers that the words name.
  var descriptors: [Int32: Int32]

  /// Whether somebody sits at all three streams.
  var areTerminal: Bool { (0...2).allSatisfy { isatty($0) == 1 } }

  /// - Parameter started: Called with the process that ends the command when it is told to end, by SIGTERM.
  /// - Returns: How the command ended.
  /// - Throws: When it cannot be started.
  func run(started: (pid_t) -> Void) throws(Failure) -> Command.Ending {
    areTerminal ? try onTerminal(started) : try onPipes(started)
  }

  private func onTerminal(_ started: (pid_t) -> Void) throws(Failure) -> Command.Ending {
    // The terminal is one of its own: in a further session, a shell would have none to control jobs with.
    let line =
      "exec " + words.filter { $0 != "--new-session" }.map(shellWord).joined(separator: " ")
    // script runs its command by $SHELL. It ends with us, and with it what it has started.
    let command = Command(
      [
        "setpriv", "--pdeathsig", "TERM", "--", "env", "SHELL=/bin/sh", "script", "--quiet",
        "--return", "--command", line, "/dev/null",
      ],
      output: .inherit, errors: .inherit, descriptors: descriptors.merging([0: 0]) { $1 })
    return try command.run(started: started).ending
  }

  private func onPipes(_ started: (pid_t) -> Void) throws(Failure) -> Command.Ending {
    // Who reads our output may go away before its end.
    signal(SIGPIPE, SIG_IGN)
    let (input, output, errors) = (try Self.pipe(), try Self.pipe(), try Self.pipe())
    let carried = DispatchGroup()
    let command = Command(
      words, output: .descriptor(output.writing), errors: .descriptor(errors.writing),
      descriptors: descriptors.merging([0: input.reading]) { $1 })
    let ending = try command.run { process in
      for end in [input.reading, output.writing, errors.writing] { close(end) }
      // It may wait for a key when all is over, and ends with this program.
      startThread { Self.carry(from: 0, to: input.writing, closing: input.writing) }
      for (number, pipe) in [(1 as Int32, output), (2, errors)] {
        carried.enter()
        startThread {
          Self.carry(from: pipe.reading, to: number, closing: pipe.reading)
          carried.leave()
        }
      }
      started(process)
    }.ending
    carried.wait()
    return ending
  }

  /// Both ends are closed on exec.
  private static func pipe() throws(Failure) -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    guard particle_pipe(&ends) == 0 else { throw .system("make", "a pipe") }
    return (ends[0], ends[1])
  }

  /// Copies until there is nothing more, or nobody takes it.
  private static func carry(from source: Int32, to target: Int32, closing own: Int32) {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = retrying { read(source, &chunk, chunk.count) }
      guard count > 0, (try? Files.write(Array(chunk[..<count]), into: target)) != nil else {
        break
      }
    }
    close(own)
  }
}
