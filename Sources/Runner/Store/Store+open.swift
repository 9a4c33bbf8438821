internal import Files
internal import Glibc
internal import Model

extension Store {
  /// The directories that a group of readers may see, if there is one.
  private static let readable = ["sources", "sources/sha256", "actions", "logs"]

  private static let closed = [
    "used", "programs", "outputs", "parts", "runs", "durations", "layers", "failed", "tmp",
  ]

  /// What else may be in a store: its files; in those of earlier versions, what the compiler keeps; and what a file system
  /// has at its top.
  private static let others = ["ids", "lock", "runs.lock", "readers", "compile", "lost+found"]

  /// Makes the store's directories where they are missing, and closes them to everybody else: logs and sources have what
  /// recipes have, and trees have programs that run as their owner.
  ///
  /// - Throws: When others could have filled the store, and when it is no store but a directory with other things in it.
  func makeDirectories() throws(Failure) {
    try checkContent()
    let isRead = Files.exists(root + "/readers")
    try make(root, "the store", mode: isRead ? 0o750 : 0o700)
    for name in Self.readable {
      try make("\(root)/\(name)", "the store's directory", mode: isRead ? 0o2750 : 0o700)
    }
    for name in Self.closed { try make("\(root)/\(name)", "the store's directory", mode: 0o700) }
    if let readers { try setReaders(readers) }
  }

  private func make(_ path: String, _ purpose: String, mode: mode_t) throws(Failure) {
    try OwnDirectory.open(
      path, mode: mode, purpose: purpose,
      remedy: "choose another directory for the store with --store"
    )
  }

  /// A directory that is given by mistake, such as one's home, is neither closed nor filled.
  private func checkContent() throws(Failure) {
    guard !Files.exists(root + "/ids"), let names = try? Files.names(in: root) else { return }
    let known = Self.readable + Self.closed + Self.others
    guard let other = names.first(where: { !known.contains($0) && !$0.hasSuffix(".new") }) else {
      return
    }
    throw Failure(
      "use", "the store \(root)",
      cause: "the directory contains other things: \(shown(other))",
      remedy: "choose a new or empty directory for the store with --store")
  }

  // MARK: A group that may read

  /// Lets the members of a group read logs, sources and actions, or nobody.
  ///
  /// They cannot write, take locks, or reach trees, which have programs that run as root.
  private func setReaders(_ name: String) throws(Failure) {
    guard geteuid() == 0, !UserNamespace.isOwn else {
      throw Failure(
        "let a group read", "the store \(root)",
        cause: "an ordinary user's namespace has no other groups",
        remedy: "leave out --store-readers; only root's store can have readers")
    }
    let path = root + "/readers"
    if name == "none" {
      unlink(path)
      return try makeDirectoriesWithoutReaders()
    }
    guard let group = getgrnam(name)?.pointee.gr_gid else {
      throw Failure(
        "let a group read", "the store \(root)", cause: "the group '\(shown(name))' does not exist",
        remedy: "name a group in /etc/group with --store-readers, or create it with groupadd")
    }
    if let known = try? Files.readText(path), known == "\(group)\n" { return }
    for name in Self.readable {
      let folder = "\(root)/\(name)"
      for file in try Files.names(in: folder) { try admit(group, to: "\(folder)/\(file)", 0o640) }
      // New files get the group of such a directory.
      try admit(group, to: folder, 0o2750)
    }
    try admit(group, to: root, 0o750)
    try Files.writeAtomically(Array("\(group)\n".utf8), to: path)
  }

  private func makeDirectoriesWithoutReaders() throws(Failure) {
    try make(root, "the store", mode: 0o700)
    for name in Self.readable {
      try make("\(root)/\(name)", "the store's directory", mode: 0o700)
    }
  }

  private func admit(_ group: gid_t, to path: String, _ mode: mode_t) throws(Failure) {
    guard lchown(path, uid_t.max, group) == 0, chmod(path, mode) == 0 else {
      throw .system("let a group read", path)
    }
  }

  /// The permission bits of a file in a directory that readers may see.
  var fileMode: mode_t { readersGroup == nil ? 0o600 : 0o640 }

  private var readersGroup: gid_t? {
    var info = stat()
    guard lstat(root + "/logs", &info) == 0, info.st_mode & 0o2050 == 0o2050 else { return nil }
    return info.st_gid
  }

  /// Gives a file that was made elsewhere the permission bits that it needs in such a directory.
  func admitReaders(to path: String) {
    if let group = readersGroup { lchown(path, uid_t.max, group) }
    chmod(path, fileMode)
  }
}
