internal import Model

/// Where a program of the host reads an image that may have been made to harm it: it sees `/usr`, the image and the folder
/// for what it takes out, has no network, and ends at limits.
struct ToolSandbox {
  /// The image, by a path from the root.
  var image: String?
  /// Where it may write.
  var folder: String?
  /// Whether it gives files owners and makes devices; otherwise it is nobody, and may do nothing that others may not.
  var setsOwners: Bool
  /// The program where it is one of ours, which need not be in `/usr`.
  var own: String?

  private static let capabilities = [
    "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "MKNOD", "SETFCAP",
  ]

  /// The command line of bubblewrap that runs a command so.
  func command(_ words: [String]) -> [String] {
    var all = [
      "bwrap", "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
      "--unshare-cgroup-try", "--hostname", "localhost", "--die-with-parent", "--new-session",
      "--clearenv", "--setenv", "PATH", "/usr/sbin:/usr/bin", "--setenv", "LC_ALL", "C.UTF-8",
      "--cap-drop", "ALL",
    ]
    if setsOwners {
      for name in Self.capabilities { all += ["--cap-add", "CAP_" + name] }
    } else {
      all += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    }
    all += ["--ro-bind", "/usr", "/usr", "--dev", "/dev"]
    // `btrfs` looks there whether the image is mounted, and ends without it. There is no other /proc.
    for list in ["/proc/mounts", "/proc/self/mounts"] { all += ["--symlink", "/dev/null", list] }
    for folder in ["bin", "lib", "lib64", "sbin"] {
      all += ["--symlink", "usr/" + folder, "/" + folder]
    }
    for path in [own, image].compactMap(\.self) { all += ["--ro-bind", path, path] }
    // Swift's library looks for the program there, and ends without it.
    if let own { all += ["--symlink", own, "/proc/self/exe"] }
    if let folder { all += ["--bind", folder, folder] }
    all += ["--chdir", "/", "--"]
    all += [
      "prlimit", "--core=0", "--cpu=\(Limits.toolSeconds)", "--as=\(Limits.toolMemory)",
      "--fsize=\(Limits.file)", "timeout", "--signal=KILL", "\(Limits.toolSeconds)",
    ]
    return all + words
  }

  /// What a status says that comes from a limit; nil for any other.
  static func limit(_ status: Int32) -> String? {
    // Signals, as bubblewrap tells of them.
    switch status {
    case 128 + 9, 128 + 24, 124:
      "it was stopped: it took longer than the limit of \(Limits.toolSeconds) seconds, or more memory than there is"
    case 128 + 25:
      "it was stopped: a file would exceed the limit of \(ByteSize(bytes: Limits.file))"
    case 128 + 4, 128 + 6, 128 + 7, 128 + 11: "it crashed"
    default: nil
    }
  }
}
