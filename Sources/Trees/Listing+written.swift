internal import Files
internal import Glibc

extension Listing {
  /// Whether a folder is the tree of this listing, by all that can be seen of it without reading files: a changed file
  /// has another time.
  package func isWritten(at folder: String) -> Bool {
    guard let tree = try? OpenTree(folder) else { return false }
    var left = entries.count
    for entry in entries {
      guard let place = try? tree.place(entry.path), let info = try? place.information() else {
        return false
      }
      // What is said of the file is said of its first name.
      if case .hardLink = entry.kind { continue }
      let time = Moment(seconds: info.st_mtim.tv_sec, nanoseconds: info.st_mtim.tv_nsec)
      guard time == entry.modified, info.st_uid == entry.owner, info.st_gid == entry.group else {
        return false
      }
      switch entry.kind {
      case .link(let target):
        guard (try? place.linkTarget()) == target else { return false }
      case .file(let size, _):
        guard info.st_mode == S_IFREG | entry.mode, Int(info.st_size) == size else { return false }
      case .folder:
        guard info.st_mode == S_IFDIR | entry.mode, let names = try? place.entries() else {
          return false
        }
        left -= names.count
      default: guard info.st_mode & 0o7777 == entry.mode else { return false }
      }
    }
    // All names below the root, and the root itself.
    return left == 1
  }
}
