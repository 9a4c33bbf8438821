internal import CLinux
internal import Files
internal import Glibc
internal import Model
internal import StageKit
internal import Tar

/// A copy of files in memory whose folders list their entries by the bytes of their names.
///
/// mkfs.btrfs numbers inodes in the order of the folders it reads, and takes no archive. A tmpfs
/// lists what was made last first, or what was made first, by the kernel's version; which of them is
/// looked at, and what came out is checked.
struct OrderedCopy {
  let root: String
  private let walk: Walk

  /// - Parameters:
  ///   - all: The files; sockets are left out.
  ///   - root: A folder to make, on a tmpfs.
  /// - Throws: When there is no room, and when a file is one that mkfs.btrfs cannot take.
  init(of all: Walk, at root: String) throws(Failure) {
    self.root = root
    // A socket means nothing without the process that listens on it.
    let walk = all.keeping { $0.information.st_mode & S_IFMT != S_IFSOCK }
    self.walk = walk
    guard mkdir(root, 0o700) == 0 else { throw .system("create the directory", root) }
    let newestFirst = try Self.isNewestFirst(root + ".order")
    var children: [[UInt8]: [Walk.Entry]] = [:]
    for entry in walk.entries {
      guard String(validating: entry.path, as: UTF8.self) != nil else {
        throw Failure(
          "copy", walk.label(of: entry), cause: "its name is not UTF-8",
          remedy: "remove it in a script module, or use ext4")
      }
      children[Self.parent(of: entry.path), default: []].append(entry)
    }
    var made: [ino_t: String] = [:]
    var waiting: [[UInt8]] = [[]]
    while let folder = waiting.popLast() {
      let entries = children[folder] ?? []
      for entry in newestFirst ? entries.reversed() : entries {
        if entry.isDirectory { waiting.append(entry.path) }
        try make(entry, &made)
      }
    }
    // What is in a folder comes before the folder, whose time it would change.
    for entry in walk.entries.reversed() { try complete(entry.path, entry.information) }
    var info = stat()
    guard stat(Self.text(walk.root), &info) == 0 else {
      throw .system("inspect", Self.text(walk.root))
    }
    try complete([], info)
    try check()
  }

  private static func isNewestFirst(_ folder: String) throws(Failure) -> Bool {
    guard mkdir(folder, 0o700) == 0 else { throw .system("create the directory", folder) }
    for name in ["a", "b"] { try Files.write([], to: "\(folder)/\(name)") }
    return try names(in: folder) == ["b", "a"].map { Array($0.utf8) }
  }

  /// Makes a file with its content.
  private func make(_ entry: Walk.Entry, _ made: inout [ino_t: String]) throws(Failure) {
    let (source, target) = (Self.text(walk.whole(entry.path)), place(of: entry.path))
    let info = entry.information
    if !entry.isDirectory, info.st_nlink > 1 {
      if let other = made[info.st_ino] {
        guard link(other, target) == 0 else { throw .system("link", target) }
        return
      }
      made[info.st_ino] = target
    }
    switch info.st_mode & S_IFMT {
    case S_IFDIR:
      guard mkdir(target, 0o700) == 0 else { throw .system("create the directory", target) }
    case S_IFREG:
      let from = try FileDescriptor.open(source, O_RDONLY | O_NOFOLLOW)
      let to = try FileDescriptor.open(target, O_WRONLY | O_CREAT | O_EXCL)
      do { try to.clone(from) } catch {
        throw Failure(
          "copy", "/" + Self.text(entry.path), cause: error.cause,
          remedy: error.code == ENOSPC
            ? "Btrfs is made from a copy in memory: use a machine with more memory, or ext4" : nil,
          code: error.code)
      }
    case S_IFLNK:
      var buffer = [CChar](repeating: 0, count: 4096)
      let count = readlink(source, &buffer, buffer.count - 1)
      guard count >= 0 else { throw .system("read the link", source) }
      buffer[count] = 0
      guard symlink(buffer, target) == 0 else { throw .system("create the link", target) }
    case S_IFIFO:
      guard mkfifo(target, 0o600) == 0 else { throw .system("create the pipe", target) }
    default:
      throw Failure(
        "write", "the device /\(Self.text(entry.path))",
        cause: "mkfs.btrfs does not keep device numbers",
        remedy: "remove it in a script module, or use ext4")
    }
  }

  /// Gives a file its owner, mode, attributes and time.
  private func complete(_ path: [UInt8], _ info: stat) throws(Failure) {
    let target = place(of: path)
    guard lchown(target, info.st_uid, info.st_gid) == 0 else {
      throw .system("set the owner of", target)
    }
    if info.st_mode & S_IFMT != S_IFLNK {
      guard chmod(target, info.st_mode & 0o7777) == 0 else {
        throw .system("set the mode of", target)
      }
      try Xattrs.set(try Xattrs.read(walk.whole(path)), at: Array(target.utf8), target)
    }
    let time = timespec(tv_sec: info.st_mtim.tv_sec, tv_nsec: 0)
    guard utimensat(AT_FDCWD, target, [time, time], AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .system("set the time of", target)
    }
  }

  /// Looks at what mkfs.btrfs will see: the order of each folder, and what a host's security module
  /// adds to files.
  private func check() throws(Failure) {
    var names = [CChar](repeating: 0, count: 4096)
    let count = particle_list_xattrs(root, &names, UInt(names.count))
    let own = try Xattrs.read(walk.root).reduce(0) { $0 + $1.name.bytes.count + 1 }
    guard count <= own else {
      throw Failure(
        "copy", "files into memory", cause: "the host's kernel adds an attribute to each of them",
        remedy: "use ext4 or xfs on this host")
    }
    for folder in [[]] + walk.entries.filter(\.isDirectory).map(\.path) {
      let names = try Self.names(in: place(of: folder))
      let isOrdered = zip(names, names.dropFirst()).allSatisfy {
        $0.lexicographicallyPrecedes($1)
      }
      guard isOrdered else {
        throw Failure(
          "order", "the files in memory",
          cause: "the host's kernel lists /\(Self.text(folder)) in an order that cannot be fixed",
          remedy: "use ext4 or xfs on this host")
      }
    }
  }

  private func place(of path: [UInt8]) -> String {
    path.isEmpty ? root : "\(root)/\(Self.text(path))"
  }

  /// The names in a folder, in the order in which the kernel gives them.
  private static func names(in folder: String) throws(Failure) -> [[UInt8]] {
    guard let stream = opendir(folder) else { throw .system("list", folder) }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
    }
    guard errno == 0 else { throw .system("list", folder) }
    return names
  }

  private static func parent(of path: [UInt8]) -> [UInt8] {
    path.lastIndex(of: UInt8(ascii: "/")).map { Array(path[..<$0]) } ?? []
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
