internal import CLinux
internal import Files
internal import Glibc
package import Model

extension Tree {
  /// Makes one file of an archive in the tree, as dpkg does it: a folder that is there already, or
  /// a link to one, stays as it is; anything else is replaced.
  package func unpack(_ entry: TarEntry, _ content: ArraySlice<UInt8>) throws(Failure) {
    let path = try Self.path(entry.path)
    if case .directory = entry.kind {
      if isDirectory(path) { return }
    } else if exists(path) {
      try remove(path)
    }
    let place = try locate(path, making: true)
    if case .file = entry.kind {
      try writeFile(entry, content, at: place, path)
      return
    }
    guard try make(entry, at: place) == 0 else { throw .system("make", path) }
    // Another name of a file has the file's attributes.
    if case .hardLink = entry.kind { return }
    try setAttributes(of: entry, at: place, path)
  }

  /// The tree's own path for a name in an archive: `./etc/passwd` → `/etc/passwd`.
  private static func path(_ name: [UInt8]) throws(Failure) -> String {
    guard let text = String(validating: name, as: UTF8.self) else {
      throw Failure(
        "unpack", String(decoding: name, as: UTF8.self), cause: "its name is not UTF-8")
    }
    return "/" + text.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  private func make(_ entry: TarEntry, at place: borrowing Place) throws(Failure) -> Int32 {
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
      return node(S_IFCHR, DeviceNumber.join(major: major, minor: minor))
    case .blockDevice(let major, let minor):
      return node(S_IFBLK, DeviceNumber.join(major: major, minor: minor))
    case .file: return 0
    }
  }

  private func writeFile(
    _ entry: TarEntry, _ content: ArraySlice<UInt8>, at place: borrowing Place, _ path: String
  ) throws(Failure) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
    let raw = particle_open_in_root(place.folder.raw, place.name, flags, 0o600)
    guard raw >= 0 else { throw .system("make", path) }
    let file = FileDescriptor(owning: raw)
    var rest = content
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { bytes in
        retrying { Glibc.write(file.raw, bytes.baseAddress, bytes.count) }
      }
      guard count > 0 else { throw .system("write", path) }
      rest = rest.dropFirst(count)
    }
    try setAttributes(of: entry, at: place, path)
  }

  /// Sets owner, mode, attributes and time, in the order in which none undoes another: a change of
  /// owner takes away setuid and capabilities.
  private func setAttributes(of entry: TarEntry, at place: borrowing Place, _ path: String)
    throws(Failure)
  {
    let (folder, name) = (place.folder.raw, place.name)
    guard
      fchownat(folder, name, uid_t(entry.uid), gid_t(entry.gid), AT_SYMLINK_NOFOLLOW) == 0
    else { throw .system("set the owner of", path) }
    if case .symbolicLink = entry.kind {
    } else {
      guard fchmodat(folder, name, mode_t(entry.mode), 0) == 0 else {
        throw .system("set the mode of", path)
      }
      for xattr in entry.xattrs {
        let full = "/proc/self/fd/\(folder)/\(name)"
        guard particle_set_xattr(full, xattr.name, xattr.value, UInt(xattr.value.count)) == 0 else {
          throw .system("set the attribute \(xattr.name) of", path)
        }
      }
    }
    var times = [timespec](repeating: timespec(tv_sec: entry.mtime, tv_nsec: 0), count: 2)
    guard utimensat(folder, name, &times, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .system("set the time of", path)
    }
  }
}
