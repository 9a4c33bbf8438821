internal import Glibc

/// Starts a thread for work that blocks, which it is left to until it returns.
///
/// Dispatch has as many threads as the machine has cores, and notices only once a second that they
/// are waiting.
package func startThread(_ body: @escaping @Sendable () -> Void) {
  let work = Unmanaged.passRetained(Work(body))
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  var thread = pthread_t()
  let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { raw in
    if let raw { Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().body() }
    return nil
  }
  // Where there may be no more threads (EAGAIN), others come to their end.
  while pthread_create(&thread, &attributes, start, work.toOpaque()) != 0 { usleep(100_000) }
}

/// What a thread is to do.
private final class Work: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
