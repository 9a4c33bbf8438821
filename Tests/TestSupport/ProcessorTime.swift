internal import Glibc

/// How many seconds of a processor this thread needs for something: what else the machine does makes no difference.
package func processorSeconds(of body: () throws -> Void) rethrows -> Int {
  func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec
  }
  let start = now()
  try body()
  return now() - start
}
