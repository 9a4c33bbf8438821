internal import Glibc
internal import Processes

/// Ctrl-C and what asks a program to end.
///
/// Blocked from the start, so that one thread can wait for them and tidy up first.
enum Interrupts {
  private static var set: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&set, number) }
    return set
  }

  /// Keeps the signals back.
  ///
  /// Must be called before there are threads, which inherit it.
  static func hold() {
    var set = set
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Ends the program with status 130 when a signal comes, or has come, after `tidy`.
  static func end(after tidy: @escaping @Sendable () -> Void) {
    startThread {
      var set = set
      var number: Int32 = 0
      guard sigwait(&set, &number) == 0 else { return }
      tidy()
      let line = Array("\(Report.interrupted)\n".utf8)
      _ = write(2, line, line.count)
      _exit(130)
    }
  }
}
