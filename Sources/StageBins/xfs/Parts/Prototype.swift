internal import Files
internal import Glibc
internal import Model
internal import StageKit

/// What is to be on a file system, in the language of mkfs.xfs(8), "Prototype files"; and what that
/// language cannot say.
struct Prototype {
  /// The prototype file.
  private(set) var text: String
  /// Files whose names have a meaning of their own in a prototype, with those that they have there: a folder before what
  /// is in it.
  private(set) var renames: [(folder: [UInt8], from: String, to: [UInt8])] = []
  /// Further names of files, with the name that is in the prototype.
  private(set) var links: [(folder: [UInt8], name: [UInt8], first: [UInt8])] = []
  /// The files that have a bit more than rwx, setuid and setgid: the sticky one.
  private(set) var sticky: [(path: [UInt8], mode: mode_t)] = []
  /// When each file was changed last, in seconds.
  private(set) var times: [(path: [UInt8], seconds: Int)] = []

  /// - Parameters:
  ///   - walk: The files.
  ///   - alias: Gives another path to a file whose own cannot stand in a prototype.
  /// - Throws: When a name or a link's target cannot stand in a prototype.
  init(_ walk: Walk, alias: (Int, String) throws(Failure) -> String) throws(Failure) {
    var children: [[UInt8]: [Walk.Entry]] = [:]
    for entry in walk.entries { children[Self.parent(of: entry.path), default: []].append(entry) }
    var root = stat()
    let path = walk.root.map { CChar(bitPattern: $0) } + [0]
    guard stat(path, &root) == 0 else { throw .system("inspect", Self.text(walk.root)) }
    // No boot program; numbers of blocks and inodes, which nothing reads.
    text = "/\n0 0\n\(Self.mode(root, "d"))\n"
    var aliases = 0
    var firsts: [ino_t: [UInt8]] = [:]
    try note([], root)
    try add(children[[]] ?? [], children, walk, &firsts, &aliases, alias)
    text += "$\n$\n"
  }

  private mutating func add(
    _ entries: [Walk.Entry], _ children: [[UInt8]: [Walk.Entry]], _ walk: Walk,
    _ firsts: inout [ino_t: [UInt8]], _ aliases: inout Int,
    _ alias: (Int, String) throws(Failure) -> String
  ) throws(Failure) {
    for entry in entries {
      let info = entry.information
      let folder = Self.parent(of: entry.path)
      let name = Array(entry.path.dropFirst(folder.isEmpty ? 0 : folder.count + 1))
      if !entry.isDirectory, info.st_nlink > 1 {
        if let first = firsts[info.st_ino] {
          links.append((folder, name, first))
          continue
        }
        firsts[info.st_ino] = entry.path
      }
      let start = try self.name(name, of: entry.path, in: folder)
      switch info.st_mode & S_IFMT {
      case S_IFDIR:
        text += "\(start) \(Self.mode(info, "d"))\n"
        try add(children[entry.path] ?? [], children, walk, &firsts, &aliases, alias)
        text += "$\n"
      case S_IFREG:
        var source = Self.text(walk.whole(entry.path))
        if source.unicodeScalars.contains(where: \.properties.isWhitespace) {
          source = try alias(aliases, source)
          aliases += 1
        }
        text += "\(start) \(Self.mode(info, "-")) \(source)\n"
      case S_IFLNK:
        let target = try Self.target(walk.linkTarget(of: entry), of: walk.whole(entry.path))
        text += "\(start) \(Self.mode(info, "l")) \(target)\n"
      case S_IFCHR, S_IFBLK:
        let kind = info.st_mode & S_IFMT == S_IFCHR ? "c" : "b"
        let (major, minor) = DeviceNumber.split(info.st_rdev)
        text += "\(start) \(Self.mode(info, kind)) \(major) \(minor)\n"
      case S_IFIFO: text += "\(start) \(Self.mode(info, "p"))\n"
      default: continue  // A socket means nothing without the process that listens on it.
      }
      try note(entry.path, info)
    }
  }

  private mutating func note(_ path: [UInt8], _ info: stat) throws(Failure) {
    if info.st_mode & S_ISVTX != 0 { sticky.append((path, info.st_mode)) }
    times.append((path, info.st_mtim.tv_sec))
  }

  /// `-u-755 0 0`: the type, setuid, setgid, rwx, and the numbers of owner and group.
  private static func mode(_ info: stat, _ kind: String) -> String {
    let digits = String(info.st_mode & 0o777, radix: 8)
    return kind + (info.st_mode & S_ISUID != 0 ? "u" : "-")
      + (info.st_mode & S_ISGID != 0 ? "g" : "-")
      + String(repeating: "0", count: 3 - digits.utf8.count) + digits
      + " \(info.st_uid) \(info.st_gid)"
  }

  /// A name, its spaces written as slashes; one of ours where it would end a folder or begin a comment (`getstr` in
  /// mkfs/proto.c of xfsprogs 6.13).
  private mutating func name(_ name: [UInt8], of path: [UInt8], in folder: [UInt8]) throws(Failure)
    -> String
  {
    guard !name.contains(where: { $0 < 0x20 }), String(validating: name, as: UTF8.self) != nil
    else {
      throw Self.cannot(
        "write the file", path, "its name has a control character or is not UTF-8")
    }
    if name == Array("$".utf8) || name.first == UInt8(ascii: ":") {
      renames.append((folder, "particle-name-\(renames.count)", name))
      return renames[renames.count - 1].from
    }
    return Self.text(name.map { $0 == UInt8(ascii: " ") ? UInt8(ascii: "/") : $0 })
  }

  private static func target(_ bytes: [UInt8], of path: [UInt8]) throws(Failure) -> String {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw cannot("write the link", path, "its target is not UTF-8")
    }
    let target = text(bytes)
    // XFS_SYMLINK_MAXLEN of Linux's xfs_format.h, with the byte that ends it.
    guard bytes.count < 1024 else {
      throw cannot("write the link", path, "its target is longer than 1023 bytes")
    }
    guard !target.unicodeScalars.contains(where: \.properties.isWhitespace),
      !target.begins(with: ":")
    else {
      throw cannot("write the link", path, "its target has white space or begins with ':'")
    }
    return target
  }

  private static func cannot(_ operation: String, _ path: [UInt8], _ cause: String) -> Failure {
    Failure(
      operation, text(path), cause: "\(cause), which mkfs.xfs cannot handle",
      remedy: "remove it in a script module, or use ext4")
  }

  private static func parent(of path: [UInt8]) -> [UInt8] {
    path.lastIndex(of: UInt8(ascii: "/")).map { Array(path[..<$0]) } ?? []
  }

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
