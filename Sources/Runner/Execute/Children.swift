internal import Glibc
internal import Synchronization

/// The processes that are running for this build.
package final class Children: Sendable {
  private let state = Mutex((running: Set<pid_t>(), isStopped: false))

  package init() {}

  /// Whether `stop` was called: what fails after that fails because of it.
  package var isStopped: Bool { state.withLock { $0.isStopped } }

  func add(_ process: pid_t) {
    let isStopped = state.withLock { state in
      state.running.insert(process)
      return state.isStopped
    }
    if isStopped { kill(process, SIGKILL) }
  }

  func remove(_ process: pid_t) { state.withLock { _ = $0.running.remove(process) } }

  /// Kills them all, and every one that is yet to come. The sandbox dies with bubblewrap.
  package func stop() {
    state.withLock { state in
      state.isStopped = true
      for process in state.running { kill(process, SIGKILL) }
    }
  }
}
