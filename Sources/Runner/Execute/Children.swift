internal import Glibc
package import Model
internal import Synchronization

/// The processes that are running for this build.
package final class Children: Sendable {
  private let state = Mutex((running: Set<pid_t>(), stages: 0, isStopped: false))

  /// What tells stages that they are to end.
  let lifeline: Lifeline

  package init() throws(Failure) {
    lifeline = try Lifeline()
  }

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

  /// Does the work of a stage, which `stop` ends and `waitUntilIdle` waits for.
  func whileWorking<Result>(_ body: () throws -> Result) throws -> Result {
    let isStopped = state.withLock { state in
      state.stages += 1
      return state.isStopped
    }
    defer { state.withLock { $0.stages -= 1 } }
    if isStopped { throw CancellationError() }
    return try body()
  }

  /// Finishes what a stage has made, which `stop` does not end and `waitUntilIdle` waits for.
  func whileKeeping(_ body: () throws -> Void) throws {
    state.withLock { $0.stages += 1 }
    defer { state.withLock { $0.stages -= 1 } }
    try body()
  }

  /// Waits until no stage is at work any more, but not longer than five seconds.
  func waitUntilIdle() {
    for _ in 0..<500 where state.withLock({ $0.stages > 0 }) { usleep(10_000) }
  }

  /// Kills them all, and every one that is yet to come.
  ///
  /// The sandbox dies with bubblewrap, or with its lifeline where bubblewrap is not yet ready.
  package func stop() {
    lifeline.cut()
    state.withLock { state in
      state.isStopped = true
      for process in state.running { kill(process, SIGKILL) }
    }
  }
}
