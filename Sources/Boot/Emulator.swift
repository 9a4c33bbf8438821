internal import Files
internal import Glibc
internal import Model
internal import Processes
internal import Synchronization

/// A running QEMU; it is killed when its owner lets go of it.
///
/// A thread of its own starts it and waits for its end. The kernel kills QEMU when that thread
/// is gone (`setpriv --pdeathsig`), so nothing is left behind even when this process is killed.
struct Emulator: ~Copyable {
  private let thread: pthread_t
  private let life: Life

  /// Starts QEMU.
  ///
  /// - Parameters:
  ///   - arguments: The program and its options.
  ///   - console: Our number of the open file that becomes its standard input and output; it is
  ///     closed here once QEMU has it.
  ///   - descriptors: Further open files: QEMU's number and ours. They stay open as long as this.
  /// - Throws: When there can be no further thread; that QEMU is not there is told by its end.
  init(_ arguments: [String], console: Int32, descriptors: [Int32: Int32]) throws(Failure) {
    let command = Command(
      ["setpriv", "--pdeathsig", "KILL", "--"] + arguments, output: .descriptor(console),
      descriptors: descriptors.merging([0: console]) { _, new in new }, ownGroup: true)
    let life = Life(command: command, console: console)
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(life).toOpaque()
    let code = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Life>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, argument)
    guard code == 0 else {
      Unmanaged<Life>.fromOpaque(argument).release()
      throw Failure("start", "a thread", cause: String(cString: strerror(code)), code: code)
    }
    self.thread = thread
    self.life = life
  }

  deinit {
    life.kill()
    pthread_join(thread, nil)
  }

  /// Kills QEMU, and says what it wrote to its standard error.
  func kill() -> String {
    life.kill()
    return life.lastWords()
  }
}

/// What the thread and the owner share.
private final class Life: Sendable {
  private struct State {
    var process: pid_t?
    var doomed = false
    var result: Result<Command.Outcome, Failure>?
  }

  private let command: Command
  private let console: Int32
  private let state = Mutex(State())

  init(command: Command, console: Int32) {
    self.command = command
    self.console = console
  }

  func run() {
    let result: Result<Command.Outcome, Failure>
    do {
      result = .success(
        try command.run { process in
          close(console)
          state.withLock {
            $0.process = process
            if $0.doomed { Glibc.kill(-process, SIGKILL) }
          }
        })
    } catch {
      close(console)
      result = .failure(error)
    }
    state.withLock { $0.result = result }
  }

  func kill() {
    state.withLock {
      $0.doomed = true
      if let process = $0.process, $0.result == nil { Glibc.kill(-process, SIGKILL) }
    }
  }

  /// Waits for the end, which has to be certain.
  func lastWords() -> String {
    while true {
      switch state.withLock({ $0.result }) {
      case .success(let outcome): return outcome.errorText
      case .failure(let failure): return failure.description
      case nil: usleep(1_000)
      }
    }
  }
}
