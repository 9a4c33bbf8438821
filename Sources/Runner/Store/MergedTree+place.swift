internal import Files
internal import Glibc
internal import Model

extension MergedTree {
  /// Makes the tree anew in a folder that is not there yet.
  ///
  /// Files share the store's blocks where the file system can, and are never the store's own.
  func write(to folder: String) throws(Failure) {
    for (item, entry) in zip(items, listing.entries) {
      let path = place(of: entry, in: folder)
      switch entry.kind {
      case .folder(let isOpaque):
        guard mkdir(path, 0o700) == 0 else { throw .system("make the folder", path) }
        if isOpaque { try Files.setAttribute(Mount.opaque, of: path) }
      case .file:
        let source = try FileDescriptor.open(item.source, O_RDONLY)
        try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600).clone(source)
      case .link(let target):
        guard symlink(target, path) == 0 else { throw .system("make the link", path) }
      case .hardLink(let name):
        guard link("\(folder)/\(name)", path) == 0 else { throw .system("link", path) }
        continue
      case .device, .pipe, .socket, .whiteout:
        let info = try Files.information(item.source)
        guard mknod(path, info.st_mode, info.st_rdev) == 0 else { throw .system("make", path) }
        if entry.kind == .whiteout { continue }
      }
      guard lchown(path, entry.owner, entry.group) == 0 else {
        throw .system("set the owner of", path)
      }
      if case .link = entry.kind {
      } else if chmod(path, entry.mode) != 0 {
        throw .system("set the mode of", path)
      }
      for attribute in entry.attributes { try Files.setAttribute(attribute, of: path) }
    }
    // Making what is in a folder changes its time, so the deepest ones come first.
    for entry in listing.entries.reversed() {
      switch entry.kind {
      case .hardLink, .whiteout: continue
      default: break
      }
      let path = place(of: entry, in: folder)
      let time = timespec(tv_sec: entry.modified.seconds, tv_nsec: entry.modified.nanoseconds)
      guard utimensat(AT_FDCWD, path, [time, time], AT_SYMLINK_NOFOLLOW) == 0 else {
        throw .system("set the time of", path)
      }
    }
  }

  /// Whether a folder is this tree already, by all that can be seen of it without reading files: a
  /// changed file has another time.
  func isWritten(at folder: String) -> Bool {
    var left = listing.entries.count
    for (item, entry) in zip(items, listing.entries) {
      let path = place(of: entry, in: folder)
      guard let info = try? Files.information(path), Int(info.st_uid) == Int(item.entry.owner),
        info.st_gid == item.entry.group
      else { return false }
      let time = Listing.Moment(
        seconds: info.st_mtim.tv_sec, nanoseconds: info.st_mtim.tv_nsec)
      guard time == item.entry.modified else { return false }
      switch item.entry.kind {
      case .link(let target):
        guard (try? Files.linkTarget(path)) == target else { return false }
      case .file(let size, _):
        guard info.st_mode == S_IFREG | item.entry.mode, Int(info.st_size) == size else {
          return false
        }
      case .folder:
        guard info.st_mode == S_IFDIR | item.entry.mode,
          let names = try? Files.names(in: path)
        else { return false }
        left -= names.count
      default: guard info.st_mode & 0o7777 == item.entry.mode else { return false }
      }
    }
    // All names below the root, and the root itself.
    return left == 1
  }

  private func place(of entry: Listing.Entry, in folder: String) -> String {
    entry.path == "." ? folder : "\(folder)/\(entry.path)"
  }
}
