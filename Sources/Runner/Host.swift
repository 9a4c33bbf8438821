internal import CLinux
internal import Files
internal import Glibc
package import Model

/// What a machine must have for stages to run.
package enum Host {
  /// Whether root started the program; learnt before it may become root of a namespace.
  private static let isRoot = geteuid() == 0

  /// The path of this program, learnt while it is in the namespace that it was started in: after
  /// that, in a changed root, the kernel would tell the path that others see.
  static let program = Result { () throws(Failure) in try Files.linkTarget("/proc/self/exe") }

  /// The path of the program that is the first process of every sandbox: it is beside this one or in
  /// `../libexec/particle`, or where stages are.
  static let initProgram = Result { () throws(Failure) in
    let folders = StageFolders.standard().folders
    guard let path = folders.map({ $0 + "/particle-init" }).first(where: { access($0, X_OK) == 0 })
    else {
      throw Failure(
        "run", "stages",
        cause: "particle-init, the first process of their sandboxes, is not in "
          + folders.joined(separator: ", "),
        remedy: "install it next to \(programName), as 'make install' does")
    }
    return path
  }

  /// As people call it.
  static let programName: String =
    (try? program.get())?.split(separator: "/").last.map(String.init) ?? "particle-run"

  /// The folder that keeps sources and results when nobody names one.
  ///
  /// - Throws: When the user has no home directory to put it in.
  package static func store() throws(Failure) -> String {
    if isRoot { return "/var/cache/particle" }
    return try OwnDirectory.userCache(remedy: "choose a store with --store") + "/particle"
  }

  /// Prepares this process for running stages: as root, or as root of a user namespace.
  ///
  /// Must be called before there are threads.
  ///
  /// - Throws: With the remedy, when something is missing.
  package static func prepare() throws(Failure) {
    let isRoot = isRoot
    _ = program
    guard has("bwrap") else {
      throw Failure(
        "run", "stages", cause: "bubblewrap is not installed", remedy: "apt install bubblewrap")
    }
    _ = try initProgram.get()
    let filesystems = try Files.readText("/proc/filesystems")
    guard filesystems.split(separator: "\n").contains(where: { $0.hasSuffix("\toverlay") }) else {
      throw Failure(
        "run", "stages", cause: "the kernel has no overlay file system",
        remedy: "as root: modprobe overlay")
    }
    if isRoot { try Mount.enterPrivateNamespace() } else { try Rootless.enter() }
    // bubblewrap has no option for it: what it mounts for reading only has no devices.
    try Mount.ownDevices()
    try standAlone()
  }

  /// Prepares this process for looking after a store: an ordinary user's has files of ids that only
  /// their namespace has.
  ///
  /// Must be called before there are threads.
  ///
  /// - Throws: With the remedy, when something is missing.
  package static func prepareForStore() throws(Failure) {
    if !isRoot { try Rootless.enter() }
  }

  /// Prepares this process for bringing something into a store, which signals are not to cut short.
  ///
  /// Must be called before there are threads.
  ///
  /// - Throws: With the remedy, when something is missing.
  package static func prepareForPull() throws(Failure) {
    _ = program
    try prepareForStore()
    _ = Files.userMask
    umask(0o022)
    Interrupts.hold()
  }

  private static func standAlone() throws(Failure) {
    // Stages inherit these, and their files must not depend on who started the runner.
    var group: gid_t = 0
    guard setgroups(1, &group) == 0 else { throw .system("drop", "the user's groups") }
    _ = Files.userMask
    umask(0o022)
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    try raiseLimits()
    // Else programs could be told of another machine or kernel than there is (setarch(8)).
    guard particle_set_personality(0) >= 0 else { throw .system("reset", "the personality") }
    Interrupts.hold()
    // With a heap for each thread, what one has freed is of no use to the others: a desktop took
    // 112 MiB instead of 80, and no less time.
    particle_limit_heaps(1)
  }

  /// Sees to it that stages can have the limits that `particle-init` gives them: whoever started this may have had lower ones,
  /// and programs would behave otherwise.
  ///
  /// - Throws: When a limit is lower, and only root may raise it.
  private static func raiseLimits() throws(Failure) {
    let unlimited = rlim_t.max
    let needed: [(resource: __rlimit_resource, least: rlim_t, name: String, option: String)] = [
      (RLIMIT_AS, unlimited, "address space", "-v"),
      (RLIMIT_CPU, unlimited, "processor time", "-t"),
      (RLIMIT_DATA, unlimited, "a program's data", "-d"),
      (RLIMIT_FSIZE, unlimited, "the size of files", "-f"),
      (RLIMIT_NOFILE, 4096, "open files", "-n"), (RLIMIT_STACK, unlimited, "the stack", "-s"),
    ]
    for limit in needed {
      var now = rlimit()
      let resource = __rlimit_resource_t(limit.resource.rawValue)
      guard getrlimit(resource, &now) == 0, now.rlim_max < limit.least else { continue }
      now.rlim_max = limit.least
      guard setrlimit(resource, &now) == 0 else {
        throw Failure(
          "run", "stages",
          cause:
            "the hard limit on \(limit.name) is lower than stages need, and could change what they make",
          remedy: "start it where 'ulimit -H \(limit.option)' says "
            + (limit.least == unlimited ? "'unlimited'" : "\(limit.least) or more"))
      }
    }
  }

  /// Whether a program is in PATH.
  package static func has(_ program: String) -> Bool {
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  package static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
