internal import Glibc
package import Model
internal import Synchronization

/// A computation on a thread of its own, whose result is waited for once.
package final class Errand<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, Failure>?>(nil)
  private let thread = Mutex<pthread_t?>(nil)

  /// Starts the computation.
  ///
  /// - Parameter compute: What the thread does.
  package init(_ compute: @escaping @Sendable () throws(Failure) -> Value) {
    let work = Work { [self] in
      let result = Result { () throws(Failure) in try compute() }
      outcome.withLock { $0 = result }
    }
    var started = pthread_t()
    let context = Unmanaged.passRetained(work)
    let code = pthread_create(&started, nil, runWork, context.toOpaque())
    if code == 0 {
      thread.withLock { $0 = started }
    } else {
      // Without a thread to spare the work is done here and now.
      context.takeRetainedValue().body()
    }
  }

  /// Waits for the result.
  ///
  /// - Returns: What the computation gave.
  /// - Throws: What the computation threw.
  package func wait() throws(Failure) -> Value {
    if let started = thread.withLock({ $0 }) { pthread_join(started, nil) }
    guard let result = outcome.withLock({ $0 }) else {
      throw Failure("wait for", "a thread", cause: "it ended without a result")
    }
    return try result.get()
  }
}

/// What a thread is given to do: a C function cannot be generic.
private final class Work: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func runWork(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
  return nil
}
