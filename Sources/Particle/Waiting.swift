internal import Dispatch
internal import Synchronization

/// Waits for asynchronous work, which signals are kept from: this thread takes no part in it.
func waiting<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws
  -> Value
{
  let outcome = Mutex<Result<Value, any Error>?>(nil)
  let end = DispatchSemaphore(value: 0)
  Task.detached {
    do {
      let value = try await work()
      outcome.withLock { $0 = .success(value) }
    } catch {
      outcome.withLock { $0 = .failure(error) }
    }
    end.signal()
  }
  end.wait()
  guard let outcome = outcome.withLock(\.self) else { throw CancellationError() }
  return try outcome.get()
}
