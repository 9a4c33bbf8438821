internal import Files
internal import Glibc
package import Model

extension MergedTree {
  /// Makes the tree anew in a folder that is not there yet.
  ///
  /// Files share the store's blocks where the file system can, and are never the store's own.
  package func write(to folder: String) throws(Failure) {
    guard mkdir(folder, 0o700) == 0 else { throw .system("create the directory", folder) }
    // The tree has its own lists of who may do what, not those that the folder above hands down.
    for name in ["access", "default"] as [ByteString] {
      try? Files.removeAttribute("system.posix_acl_" + name, of: folder)
    }
    let (tree, firsts) = (try OpenTree(folder), try OpenTree(folder))
    let sources = OpenTrees(layers.map(\.tree))
    func source(_ item: Item) throws(Failure) -> Spot {
      try sources.tree(item.source.layer).place(item.source.path)
    }
    for (item, entry) in zip(items, listing.entries) {
      let place = try tree.place(entry.path)
      switch entry.kind {
      case .folder(let isOpaque):
        if entry.path != "." { try place.makeFolder(mode: 0o700) }
        if isOpaque { try place.setAttribute(Mount.opaque) }
      case .file:
        let content = try source(item).open(O_RDONLY)
        try place.open(O_WRONLY | O_CREAT | O_EXCL).clone(content)
      case .link(let target): try place.makeLink(to: target)
      case .hardLink(let name):
        try place.makeName(of: firsts.place(name))
        continue
      case .device, .pipe, .socket, .whiteout:
        let info = try source(item).information()
        try place.makeNode(mode: info.st_mode, device: info.st_rdev)
        if entry.kind == .whiteout { continue }
      }
      try place.setOwner(entry.owner, entry.group)
      if case .link = entry.kind {} else { try place.setMode(entry.mode) }
      for attribute in entry.attributes { try place.setAttribute(attribute) }
    }
    // Making what is in a folder changes its time, so the deepest ones come first.
    for entry in listing.entries.reversed() {
      switch entry.kind {
      case .hardLink, .whiteout: continue
      default: break
      }
      try tree.place(entry.path).setTime(
        seconds: entry.modified.seconds, nanoseconds: entry.modified.nanoseconds)
    }
  }
}
