internal import Files
internal import Glibc
package import Model

/// What a machine must have for stages to run.
package enum Host {
  /// Prepares this process for running stages.
  ///
  /// Must be called before there are threads.
  ///
  /// - Throws: With the remedy, when something is missing.
  package static func prepare() throws(Failure) {
    guard geteuid() == 0 else {
      throw Failure(
        "run", "stages", cause: "running without root is not supported yet",
        remedy: "run particle-run as root")
    }
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    guard path.split(separator: ":").contains(where: { access("\($0)/bwrap", X_OK) == 0 }) else {
      throw Failure(
        "run", "stages", cause: "bubblewrap is not installed", remedy: "apt install bubblewrap")
    }
    let filesystems = try Files.readText("/proc/filesystems")
    guard filesystems.split(separator: "\n").contains(where: { $0.hasSuffix("\toverlay") }) else {
      throw Failure(
        "run", "stages", cause: "the kernel has no overlay file system", remedy: "modprobe overlay")
    }
    try Mount.enterPrivateNamespace()
    Interrupts.hold()
    // Stages inherit these, and their files must not depend on who started the runner.
    umask(0o022)
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
  }

  package static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
