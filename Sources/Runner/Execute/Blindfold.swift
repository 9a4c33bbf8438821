internal import Files
internal import Glibc
internal import Model

/// A layer on top of a tree that hides some of its files from a stage.
struct Blindfold {
  /// Absolute paths in the tree.
  let paths: [String]
  /// The folders of the tree's layers, lowest first.
  let layers: [String]

  /// Makes the layer in a new folder.
  ///
  /// - Returns: False when the tree has none of the files, and the layer nothing in it.
  func make(in folder: String) throws(Failure) -> Bool {
    let hidden = paths.filter { path in folders(above: path).allSatisfy(isThere) && isThere(path) }
    guard !hidden.isEmpty else { return false }
    let above = Set(hidden.flatMap(folders)).sorted { $0.utf8.count < $1.utf8.count }
    for path in above {
      guard mkdir(folder + path, 0o700) == 0 else { throw .system("make", folder + path) }
    }
    for path in hidden {
      // A whiteout, as overlay file systems have it.
      guard mknod(folder + path, S_IFCHR, 0) == 0 else { throw .system("hide", path) }
    }
    for path in above.reversed() { try dress(path, in: folder) }
    return true
  }

  /// The tree's root, which is "", and what leads from it to a file.
  private func folders(above path: String) -> [String] {
    path.indices.filter { path[$0] == "/" }.map { String(path[..<$0]) }
  }

  private func isThere(_ path: String) -> Bool { topmost(path) != nil }

  /// What stat(2) says of the topmost file of that path; nil where the tree has none.
  private func topmost(_ path: String) -> (place: String, info: stat)? {
    for layer in layers.reversed() {
      guard let info = try? Files.information(layer + path) else { continue }
      let isWhiteout = info.st_mode & S_IFMT == S_IFCHR && info.st_rdev == 0
      return isWhiteout ? nil : (layer + path, info)
    }
    return nil
  }

  /// Gives a folder the looks that the tree's has: the topmost one decides them.
  private func dress(_ path: String, in folder: String) throws(Failure) {
    guard let (place, info) = topmost(path) else { return }
    let copy = folder + path
    for attribute in try Files.attributes(of: place) where !Mount.isNote(attribute) {
      try Files.setAttribute(attribute, of: copy)
    }
    guard chown(copy, info.st_uid, info.st_gid) == 0, chmod(copy, info.st_mode & 0o7777) == 0,
      utimensat(AT_FDCWD, copy, [info.st_atim, info.st_mtim], 0) == 0
    else { throw .system("prepare", copy) }
  }
}
