internal import CLinux
internal import Dispatch
internal import Files
internal import Glibc
internal import Model
internal import Processes
internal import Synchronization

/// Looks every 50 ms at what a sandbox takes, and kills all in it when it is too much.
///
/// Decision 6 says why this is not left to control groups.
final class LimitWatch: Sendable {
  private static let interval: Int32 = 50

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
      var end = pollfd(fd: handle, events: Int16(POLLIN), revents: 0)
      while retrying({ poll(&end, 1, Self.interval) }) == 0 {
        guard let excess = Self.excess(of: first, limits) else { continue }
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

  private static func excess(of first: pid_t, _ limits: StageLimits) -> StageLimits.Excess? {
    let tree = ProcessTree(of: first, atMost: limits.processes)
    if tree.threads > limits.processes { return .processes(limit: limits.processes) }
    if tree.memory > limits.memory.bytes, tree.exactMemory > limits.memory.bytes {
      return .memory(limit: limits.memory)
    }
    return nil
  }
}
