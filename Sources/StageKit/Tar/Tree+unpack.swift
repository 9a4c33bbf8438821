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
    let path = try entry.place()
    if case .directory = entry.kind {
      if isDirectory(path) { return }
    } else {
      try refuseRoot(path)
      _ = try remove(path)
    }
    try make(entry, at: try place(path, making: true), path, from: &archive)
  }

  /// Refuses to put anything but a folder in the place of the tree itself.
  func refuseRoot(_ path: ByteString) throws(Failure) {
    guard path.isEmpty else { return }
    throw Failure(
      "unpack", "the root of the tree", cause: "in the archive it is not a directory"
    )
  }

  /// Makes a file where there is none, with all that the archive says of it.
  func make(
    _ entry: TarEntry, at place: borrowing ArchivePlace, _ path: ByteString,
    from archive: inout TarReader
  ) throws(Failure) {
    let name = "/" + path.brief
    if case .file = entry.kind {
      try writeFile(at: place, name, size: entry.size, from: &archive)
    } else if case .hardLink(let target) = entry.kind {
      // Another name of a file has the file's attributes.
      return try link(place, name, to: target)
    } else {
      guard try makeNode(entry, at: place, name) == 0 else {
        var failure = Failure.system("make", name)
        switch entry.kind {
        case .characterDevice, .blockDevice:
          failure.remedy = "device nodes need root: build as root, or use an image without them"
        default: break
        }
        throw failure
      }
    }
    try setAttributes(of: entry, at: place, name)
  }

  private func link(_ place: borrowing ArchivePlace, _ name: String, to target: ByteString)
    throws(Failure)
  {
    let path = try TarEntry.place(target)
    let first = try self.place(path)
    let (raw, origin) = (place.folder.raw, first.folder.raw)
    let code = place.withName { new in first.withName { linkat(origin, $0, raw, new, 0) } }
    guard code == 0 else {
      let failure = Failure.system("create", name)
      let isFolder = first.information.map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
      throw Failure(
        "create", name,
        cause: isFolder
          ? "it is a hard link to /\(path.brief), which is a directory"
          : "it is a hard link to /\(path.brief): \(failure.cause)",
        code: failure.code)
    }
  }

  private func makeNode(_ entry: TarEntry, at place: borrowing ArchivePlace, _ path: String)
    throws(Failure) -> Int32
  {
    let mode = mode_t(entry.mode)
    let raw = place.folder.raw
    func node(_ type: mode_t, _ device: dev_t) -> Int32 {
      place.withName { mknodat(raw, $0, type | mode, device) }
    }
    switch entry.kind {
    case .directory: return place.withName { mkdirat(raw, $0, mode) }
    case .symbolicLink(let target):
      guard !target.isEmpty, !target.bytes.contains(0), target.bytes.count <= Limits.path else {
        throw Failure(
          "create the link", path,
          cause: target.bytes.count > Limits.path
            ? "its target has \(target.bytes.count) bytes, more than Linux allows (\(Limits.path))"
            : "its target is empty or contains a NUL")
      }
      return place.withName { name in withCPath(target.bytes) { symlinkat($0, raw, name) } }
    case .fifo: return node(S_IFIFO, 0)
    case .characterDevice(let major, let minor):
      return node(S_IFCHR, try Self.device(major, minor, path))
    case .blockDevice(let major, let minor):
      return node(S_IFBLK, try Self.device(major, minor, path))
    case .file, .hardLink: return 0
    }
  }

  private static func device(_ major: Int, _ minor: Int, _ path: String) throws(Failure) -> dev_t {
    // The kernel has 12 bits for the one and 20 for the other; 0 and 0 is how an overlay file system
    // marks what is removed.
    guard 0..<1 << 12 ~= major, 0..<1 << 20 ~= minor, (major, minor) != (0, 0) else {
      throw Failure(
        "create", path, cause: "\(major):\(minor) is not a valid device number")
    }
    return DeviceNumber.join(major: major, minor: minor)
  }

  private func writeFile(
    at place: borrowing ArchivePlace, _ path: String, size: Int, from archive: inout TarReader
  ) throws(Failure) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
    let folder = place.folder.raw
    let raw = place.withName { particle_open_in_root(folder, $0, flags, 0o600) }
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
        guard lseek(file.raw, off_t(count), SEEK_CUR) >= 0 else { throw .system("write", path) }
        hasHoles = true
      }
    }
    guard !hasHoles || ftruncate(file.raw, off_t(size)) == 0 else { throw .system("write", path) }
  }

  /// Sets owner, mode, attributes and time, in the order in which none undoes another: a change of
  /// owner takes away setuid and capabilities.
  func setAttributes(of entry: TarEntry, at place: borrowing ArchivePlace, _ path: String)
    throws(Failure)
  {
    let folder = place.folder.raw
    guard let owner = uid_t(exactly: entry.uid), let group = gid_t(exactly: entry.gid),
      owner != uid_t.max, group != gid_t.max
    else {
      throw Failure(
        "set the owner of", path, cause: "\(entry.uid):\(entry.gid) is not a valid owner")
    }
    guard place.withName({ fchownat(folder, $0, owner, group, AT_SYMLINK_NOFOLLOW) }) == 0 else {
      var failure = Failure.system("set the owner of", path)
      if failure.code == EINVAL {
        failure.cause += ", \(entry.uid):\(entry.gid)"
        failure.remedy =
          "without root, owners can be 0 to 65535: build as root, or use an image without this one"
      }
      throw failure
    }
    if case .symbolicLink = entry.kind {
    } else {
      guard place.withName({ fchmodat(folder, $0, mode_t(entry.mode), 0) }) == 0 else {
        throw .system("set the mode of", path)
      }
      try Xattrs.set(entry.xattrs, at: place, path)
    }
    var times = [timespec](repeating: timespec(tv_sec: entry.mtime, tv_nsec: 0), count: 2)
    guard place.withName({ utimensat(folder, $0, &times, AT_SYMLINK_NOFOLLOW) }) == 0 else {
      throw .system("set the time of", path)
    }
  }
}
