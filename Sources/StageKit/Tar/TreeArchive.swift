internal import Files
internal import Glibc
package import Model
internal import Tar

/// A tree as a stream of tar entries: the root as `./`, then the rest by the bytes of its paths.
package struct TreeArchive {
  private let walk: Walk

  package init(_ walk: Walk) { self.walk = walk }

  /// Writes the whole archive.
  ///
  /// - Parameters:
  ///   - descriptor: Where it goes; stays open.
  ///   - name: What the archive is called in a failure.
  /// - Throws: When a file cannot be read or the archive not be written.
  package func write(to descriptor: Int32, name: String) throws(Failure) {
    var writer = TarWriter(to: descriptor, archive: name)
    var root = stat()
    guard withCPath(walk.root, { stat($0, &root) }) == 0 else {
      throw .system("inspect", text(walk.root))
    }
    try writer.begin(
      try entry([], Array("./".utf8), .directory, root))
    // The first name by order has the content, the others are links to it.
    var firstNames: [FileNumber: [UInt8]] = [:]
    for file in walk.entries {
      let path = Array("./".utf8) + file.path
      let number = FileNumber(device: file.information.st_dev, inode: file.information.st_ino)
      if !file.isDirectory, file.information.st_nlink > 1 {
        if let first = firstNames[number] {
          try writer.begin(
            try entry(file.path, path, .hardLink(to: ByteString(first)), file.information))
          continue
        }
        firstNames[number] = path
      }
      try write(file, path, to: &writer)
    }
    try writer.finish()
  }

  private func write(_ file: Walk.Entry, _ path: [UInt8], to writer: inout TarWriter)
    throws(Failure)
  {
    let info = file.information
    switch info.st_mode & S_IFMT {
    case S_IFREG: try writeFile(file, path, to: &writer)
    case S_IFDIR:
      try writer.begin(try entry(file.path, path + [UInt8(ascii: "/")], .directory, info))
    case S_IFLNK:
      let target = try walk.linkTarget(of: file)
      try writer.begin(try entry(file.path, path, .symbolicLink(to: ByteString(target)), info))
    case S_IFCHR, S_IFBLK:
      let (major, minor) = DeviceNumber.split(info.st_rdev)
      let kind: TarEntry.Kind =
        info.st_mode & S_IFMT == S_IFCHR
        ? .characterDevice(major: major, minor: minor) : .blockDevice(major: major, minor: minor)
      try writer.begin(try entry(file.path, path, kind, info))
    case S_IFIFO: try writer.begin(try entry(file.path, path, .fifo, info))
    default: break  // A socket means nothing without the process that listens on it.
    }
  }

  private func writeFile(_ file: Walk.Entry, _ path: [UInt8], to writer: inout TarWriter)
    throws(Failure)
  {
    let opened = try walk.open(file)
    var header = try entry(file.path, path, .file, file.information)
    header.size = Int(file.information.st_size)
    try writer.begin(header)
    try writer.addFile(opened, walk.label(of: file), size: header.size)
  }

  private func entry(
    _ below: [UInt8], _ path: [UInt8], _ kind: TarEntry.Kind, _ info: stat
  ) throws(Failure) -> TarEntry {
    var xattrs: [TarEntry.Xattr] = []
    switch kind {
    case .file, .directory: xattrs = try Xattrs.read(walk.whole(below))
    default: break
    }
    // Readers take what is before the first one for the whole key.
    if let xattr = xattrs.first(where: { $0.name.bytes.contains(UInt8(ascii: "=")) }) {
      throw Failure(
        "write", "the attribute \(xattr.name.brief) of /\(ByteString(below).abridged)",
        cause: "tar has no attributes with '=' in their name",
        remedy: "rename or remove it in a script module")
    }
    return TarEntry(
      path: ByteString(path), kind: kind, mode: info.st_mode & 0o7777, uid: Int(info.st_uid),
      gid: Int(info.st_gid), mtime: info.st_mtim.tv_sec, xattrs: xattrs)
  }
}

/// What makes two names the same file.
private struct FileNumber: Hashable {
  let device: dev_t
  let inode: ino_t
}
