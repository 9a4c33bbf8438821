internal import Glibc
package import Model

/// What every program of ours can rely on, whoever started it.
package enum Surroundings {
  /// Fills the gaps that `<&- >&- 2>&-` and `env -i` leave; to be called before anything else.
  ///
  /// - Throws: When /proc is missing: without it not even the command line is known, and all would fail with other reasons.
  package static func complete() throws(Failure) {
    _ = Files.userMask
    // The next file to be opened would get the number of a stream, and messages would be written into it. Opened the wrong
    // way round, the stream fails as a closed one does.
    for (number, flags) in [(0 as Int32, O_WRONLY), (1, O_RDONLY), (2, O_RDONLY)]
    where fcntl(number, F_GETFD) < 0 { _ = open("/dev/null", flags) }
    // Without PATH, the C library looks for programs in fewer directories than a login does.
    if getenv("PATH") == nil {
      setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1)
    }
    guard access("/proc/self/cmdline", R_OK) == 0 else {
      throw Failure(
        "use", "/proc", cause: "it is not mounted",
        remedy: "as root: mount -t proc proc /proc (for a chroot, before entering it)")
    }
  }
}
