internal import Files
internal import Glibc

/// The pipe that ends when the runner does, as a stage sees it.
enum Lifeline {
  /// Ends this process if the runner is gone.
  ///
  /// When it returns, the sandbox ends with the runner, whenever that is: what is asked for the
  /// sandbox's first process, it has asked for by then.
  static func check(_ descriptor: Int32) {
    // Programs that the stage starts have nothing to do with it.
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    // bubblewrap's process 1 sets its parent-death signal, and then its system call filter
    // (do_init in bubblewrap.c), while the stage is already being started.
    var patience = 10_000
    while !isFirstProcessBound, patience > 0 {
      usleep(100)
      patience -= 1
    }
    var wait = pollfd(fd: descriptor, events: 0, revents: 0)
    if poll(&wait, 1, 0) > 0, Int32(wait.revents) & Int32(POLLHUP) != 0 { _exit(1) }
  }

  /// Whether it has the filters that this process has; true where there is nothing to see.
  private static var isFirstProcessBound: Bool { filters(of: "1") == filters(of: "self") }

  /// What proc(5) tells of a process's filters: whether there are some, and how many.
  private static func filters(of process: String) -> [Substring]? {
    try? Files.readText("/proc/\(process)/status").split(separator: "\n")
      .filter { $0.hasPrefix("Seccomp") }
  }
}
