internal import Glibc
internal import Processes
internal import Synchronization

/// Ctrl-C and what asks a program to end.
///
/// Blocked from the start, so that one thread can wait for them and tidy up first.
package enum Interrupts {
  private static var set: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&set, number) }
    return set
  }

  /// Keeps the signals back.
  ///
  /// Must be called before there are threads, which inherit it.
  package static func hold() {
    var set = set
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  private static let tasks = Mutex([@Sendable () -> Void]())

  /// Ends the program with status 130 when a signal comes, or has come, after `tidy`.
  ///
  /// What is given in later calls is done too.
  package static func end(
    saying line: String = Report.interrupted, after tidy: @escaping @Sendable () -> Void
  ) {
    let isFirst = tasks.withLock { tasks in
      tasks.append(tidy)
      return tasks.count == 1
    }
    guard isFirst else { return }
    startThread {
      var set = set
      var number: Int32 = 0
      guard sigwait(&set, &number) == 0 else { return }
      for tidy in tasks.withLock(\.self) { tidy() }
      let line = Array("\(line)\n".utf8)
      _ = write(2, line, line.count)
      _exit(130)
    }
  }
}
