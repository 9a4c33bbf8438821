internal import CLinux
internal import Files
internal import Glibc
package import Model
package import Tar

extension Tree {
  /// Makes one file of an archive in the tree, as dpkg does it: a folder that is there already, or
  /// a link to one, stays as it is; anything else is replaced.
  ///
  /// - Parameters:
  ///   - entry: What the archive says of the file.
  ///   - archive: Where its content comes from.
  /// - Throws: When it cannot be made, or lies outside of the tree.
  package func unpack(_ entry: TarEntry, from archive: inout TarReader) throws(Failure) {
    let path = try Self.path(entry.path)
    if case .directory = entry.kind {
      if isDirectory(path) { return }
    } else if exists(path) {
      try remove(path)
    }
    try make(entry, at: try locate(path, making: true), path, from: &archive)
  }

  /// The tree's own path for a name in an archive: `./etc/passwd` → `/etc/passwd`.
  static func path(_ name: [UInt8]) throws(Failure) -> String {
    guard let text = String(validating: name, as: UTF8.self) else {
      throw Failure(
        "unpack", String(decoding: name, as: UTF8.self), cause: "its name is not UTF-8")
    }
    return "/" + text.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  /// Makes a file where there is none, with all that the archive says of it.
  func make(
    _ entry: TarEntry, at place: borrowing Place, _ path: String, from archive: inout TarReader
  ) throws(Failure) {
    if case .file = entry.kind {
      try writeFile(at: place, path, size: entry.size, from: &archive)
    } else {
      guard try makeNode(entry, at: place, path) == 0 else { throw .system("make", path) }
    }
    // Another name of a file has the file's attributes.
    if case .hardLink = entry.kind { return }
    try setAttributes(of: entry, at: place, path)
  }

  private func makeNode(_ entry: TarEntry, at place: borrowing Place, _ path: String)
    throws(Failure) -> Int32
  {
    let mode = mode_t(entry.mode)
    func node(_ type: mode_t, _ device: dev_t) -> Int32 {
      mknodat(place.folder.raw, place.name, type | mode, device)
    }
    switch entry.kind {
    case .directory: return mkdirat(place.folder.raw, place.name, mode)
    case .symbolicLink(let target):
      return withCPath(target) { symlinkat($0, place.folder.raw, place.name) }
    case .hardLink(let target):
      let first = try locate(try Self.path(target))
      return linkat(first.folder.raw, first.name, place.folder.raw, place.name, 0)
    case .fifo: return node(S_IFIFO, 0)
    case .characterDevice(let major, let minor):
      return node(S_IFCHR, try Self.device(major, minor, path))
    case .blockDevice(let major, let minor):
      return node(S_IFBLK, try Self.device(major, minor, path))
    case .file: return 0
    }
  }

  private static func device(_ major: Int, _ minor: Int, _ path: String) throws(Failure) -> dev_t {
    // The kernel has 12 bits for the one and 20 for the other; 0 and 0 is how an overlay file system
    // marks what is removed.
    guard 0..<1 << 12 ~= major, 0..<1 << 20 ~= minor, (major, minor) != (0, 0) else {
      throw Failure(
        "make", path, cause: "there is no device \(major):\(minor)")
    }
    return DeviceNumber.join(major: major, minor: minor)
  }

  private func writeFile(
    at place: borrowing Place, _ path: String, size: Int, from archive: inout TarReader
  ) throws(Failure) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
    let raw = particle_open_in_root(place.folder.raw, place.name, flags, 0o600)
    guard raw >= 0 else { throw .system("make", path) }
    let file = FileDescriptor(owning: raw)
    var hasHoles = false
    while let piece = try archive.content() {
      switch piece {
      case .data(let bytes):
        var rest = bytes
        while !rest.isEmpty {
          let count = rest.withUnsafeBytes { bytes in
            retrying { Glibc.write(file.raw, bytes.baseAddress, bytes.count) }
          }
          guard count > 0 else { throw .system("write", path) }
          rest = rest.dropFirst(count)
        }
      case .hole(let count):
        lseek(file.raw, off_t(count), SEEK_CUR)
        hasHoles = true
      }
    }
    guard !hasHoles || ftruncate(file.raw, off_t(size)) == 0 else { throw .system("write", path) }
  }

  /// Sets owner, mode, attributes and time, in the order in which none undoes another: a change of
  /// owner takes away setuid and capabilities.
  func setAttributes(of entry: TarEntry, at place: borrowing Place, _ path: String)
    throws(Failure)
  {
    let (folder, name) = (place.folder.raw, place.name)
    guard let owner = uid_t(exactly: entry.uid), let group = gid_t(exactly: entry.gid),
      owner != uid_t.max, group != gid_t.max
    else {
      throw Failure(
        "set the owner of", path, cause: "there is no owner \(entry.uid):\(entry.gid)")
    }
    guard fchownat(folder, name, owner, group, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .system("set the owner of", path)
    }
    if case .symbolicLink = entry.kind {
    } else {
      guard fchmodat(folder, name, mode_t(entry.mode), 0) == 0 else {
        throw .system("set the mode of", path)
      }
      try Xattrs.set(entry.xattrs, at: "/proc/self/fd/\(folder)/\(name)", path)
    }
    var times = [timespec](repeating: timespec(tv_sec: entry.mtime, tv_nsec: 0), count: 2)
    guard utimensat(folder, name, &times, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .system("set the time of", path)
    }
  }
}
