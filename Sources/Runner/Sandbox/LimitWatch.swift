internal import CLinux
internal import Dispatch
internal import Files
internal import Glibc
internal import Model
internal import Processes
internal import Synchronization

/// Looks every 50 ms at what a sandbox takes, and kills all in it when it is too much.
///
/// Decision 6 says why this is not left to control groups alone.
final class LimitWatch: Sendable {
  private static let interval: Int32 = 50
  /// Every so many looks, what the processes share is looked for in all they have open and mapped.
  private static let searches = 10

  private let group = DispatchGroup()
  private let found = Mutex<StageLimits.Excess?>(nil)

  /// Begins.
  ///
  /// - Parameters:
  ///   - first: The first process of the sandbox, whose end is the end of all.
  ///   - handle: The same process as an open file (pidfd_open(2)), which must stay open until `finish`.
  ///   - limits: What it may take.
  init(of first: pid_t, _ handle: Int32, limits: StageLimits) {
    group.enter()
    startThread {
      defer { self.group.leave() }
      var look = Look(first: first, limits: limits)
      var end = pollfd(fd: handle, events: Int16(POLLIN), revents: 0)
      while retrying({ poll(&end, 1, Self.interval) }) == 0 {
        guard let excess = look.next() else { continue }
        self.found.withLock { $0 = excess }
        _ = particle_signal_process(handle, SIGKILL)
        return
      }
    }
  }

  /// Waits for the end of the sandbox, and says what it took too much of.
  func finish() -> StageLimits.Excess? {
    group.wait()
    return found.withLock(\.self)
  }

  /// One look after the other at a sandbox, by a thread that does nothing else.
  private struct Look {
    let first: pid_t
    let limits: StageLimits
    /// Whether this thread has entered the sandbox's namespace for System V's memory.
    let seesSystemV: Bool
    private var count = 0
    /// As it was last searched for, in bytes.
    private var shared = 0

    init(first: pid_t, limits: StageLimits) {
      self.first = first
      self.limits = limits
      let file = open("/proc/\(first)/ns/ipc", O_RDONLY | O_CLOEXEC)
      seesSystemV = file >= 0 && particle_enter_ipc_namespace(file) == 0
      if file >= 0 { close(file) }
    }

    mutating func next() -> StageLimits.Excess? {
      let tree = ProcessTree(of: first, atMost: limits.processes)
      if tree.threads > limits.processes { return .processes(limit: limits.processes) }
      if count % LimitWatch.searches == 0 { search(tree) }
      count += 1
      let files = MemoryFiles(of: first).size
      // The first is quick, and may count something twice.
      guard tree.mostMemory + shared + files > limits.memory.bytes else { return nil }
      search(tree)
      let all = tree.ownMemory + shared + files
      return all > limits.memory.bytes ? .memory(limit: limits.memory) : nil
    }

    private mutating func search(_ tree: ProcessTree) {
      shared = SharedMemory(of: tree, seesSystemV: seesSystemV).size
    }
  }
}
