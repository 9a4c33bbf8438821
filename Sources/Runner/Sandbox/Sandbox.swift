internal import Glibc
package import Model

/// Where and how one stage runs: its root, what it sees beside it, and what it may do.
package struct Sandbox: Sendable, Equatable {
  /// What the stage sees as `/`.
  package enum Root: Sendable, Equatable {
    case tree(String, isWritable: Bool)
    /// Nothing but what is bound.
    case empty
  }

  /// A file or folder that is also at another place.
  package struct Binding: Sendable, Equatable {
    package var source: String
    package var target: String
    package var isWritable: Bool

    package init(_ source: String, at target: String, isWritable: Bool = false) {
      self.source = source
      self.target = target
      self.isWritable = isWritable
    }
  }

  package var root: Root
  package var bindings: [Binding]
  package var environment: [String: String]
  /// Names of capabilities(7), without `CAP_`.
  package var capabilities: [String]
  package var command: [String]
  /// An open file, the user namespace to be in; nil for the runner's own.
  package var userNamespace: Int32?

  package init(
    root: Root, bindings: [Binding], environment: [String: String], capabilities: [String],
    command: [String], userNamespace: Int32? = nil
  ) {
    self.root = root
    self.bindings = bindings
    self.environment = environment
    self.capabilities = capabilities
    self.command = command
    self.userNamespace = userNamespace
  }

  /// What a stage needs to set owners, modes and file capabilities; one in the tree also runs
  /// programs of packages, which become other users.
  ///
  /// Without FSETID and SETGID dpkg loses the set-group-id bits of programs and does not say so.
  package static func capabilities(of stage: StageDescription) -> [String] {
    var names = stage.stance == .inTree ? systemCapabilities : fileCapabilities
    if stage.makesDevices { names.append("MKNOD") }
    return names
  }

  private static let fileCapabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETFCAP"]
  /// Those of programs of the tree.
  static let systemCapabilities = fileCapabilities + ["SETGID", "SETUID"]

  /// What in /proc tells root's stages of the machine's memory, and of keys, locks and timers that are not theirs.
  ///
  /// Files that this kernel does not have, or this user cannot read anyway, are left out.
  private static let kernelSecrets = [
    "key-users", "keys", "kpagecgroup", "kpagecount", "kpageflags", "locks", "pagetypeinfo",
    "slabinfo", "timer_list", "vmallocinfo",
  ].map { "/proc/" + $0 }.filter { access($0, R_OK) == 0 }

  /// The whole environment of a stage: nothing of whoever started the runner.
  package static func environment(epoch: Timestamp) -> [String: String] {
    [
      "DEBCONF_NONINTERACTIVE_SEEN": "true", "DEBCONF_NOWARNINGS": "yes",
      "DEBIAN_FRONTEND": "noninteractive", "FORCE_SOURCE_DATE": "1", "HOME": "/root",
      "INITRD": "No", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "LOGNAME": "root",
      "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "PERL_HASH_SEED": "0", "PERL_PERTURB_KEYS": "0", "PYTHONDONTWRITEBYTECODE": "1",
      "PYTHONHASHSEED": "0", "SHELL": "/bin/sh", "SOURCE_DATE_EPOCH": String(epoch.seconds),
      "TERM": "dumb", "TZ": "UTC", "USER": "root",
    ]
  }

  /// Where the sandbox's first process finds its program.
  private static let initPlace = "/run/particle/init"

  /// The command line of bubblewrap (0.8 or later) that makes this sandbox.
  ///
  /// bubblewrap itself is outside: it becomes `init`, whose only child the command is. So no process that
  /// the command can see has a file, a variable or a word of the host's.
  ///
  /// - Parameters:
  ///   - initProgram: The path of `particle-init`.
  ///   - lifeline: The number at which that program has its `Lifeline`; nil where nobody watches.
  ///   - room: What `/tmp` and `/run` may hold each, in bytes.
  /// - Returns: Its words.
  package func arguments(
    initProgram: String, lifeline: Int32? = nil, room: Int = StageLimits.standard.room
  ) -> [String] {
    var words = [
      "bwrap", "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
      "--unshare-cgroup-try", "--hostname", "localhost", "--die-with-parent", "--new-session",
      "--as-pid-1",
    ]
    if case .tree(let path, let isWritable) = root {
      words += [isWritable ? "--bind" : "--ro-bind", path, "/"]
    }
    words += ["--proc", "/proc"]
    // A device on a mount without devices: nobody can open it.
    for path in Self.kernelSecrets { words += ["--ro-bind", "/dev/null", path] }
    // Much of it is the whole machine's, and open to the user id of root without any capability.
    words += ["--remount-ro", "/proc", "--dev", "/dev"]
    words += ["--size", "\(room)", "--perms", "1777", "--tmpfs", "/tmp"]
    words += ["--size", "\(room)", "--tmpfs", "/run", "--ro-bind", initProgram, Self.initPlace]
    for binding in bindings {
      words += [binding.isWritable ? "--bind" : "--ro-bind", binding.source, binding.target]
    }
    words += ["--chdir", "/", "--cap-drop", "ALL"]
    for name in capabilities { words += ["--cap-add", "CAP_" + name] }
    words.append("--clearenv")
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
      words += ["--setenv", name, value]
    }
    return words + ["--", Self.initPlace, lifeline.map { "\($0)" } ?? "-"] + command
  }
}
