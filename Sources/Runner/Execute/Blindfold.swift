internal import Files
internal import Glibc
internal import Model
internal import Trees

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
    let tree = LayerStack(layers)
    var hidden: [ByteString] = []
    for path in paths.map({ ByteString($0) }) where try tree.find(path) != nil {
      hidden.append(path)
    }
    guard !hidden.isEmpty else { return false }
    let above = Set(hidden.flatMap(\.above)).sorted { $0.bytes.count < $1.bytes.count }
    guard mkdir(folder, 0o700) == 0 else { throw .system("make", folder) }
    let mask = try OpenTree(folder)
    for path in above where path != "." { try mask.place(path).makeFolder(mode: 0o700) }
    for path in hidden {
      // A whiteout, as overlay file systems have it.
      try mask.place(ByteString(path.bytes.dropFirst())).makeNode(mode: S_IFCHR, device: 0)
    }
    for path in above.reversed() { try dress(mask.place(path), as: tree.find(path)) }
    return true
  }

  /// Gives a folder the looks that the tree's has: the topmost one decides them.
  private func dress(_ copy: Spot, as folder: LayerStack.Found?) throws(Failure) {
    guard let folder else { return }
    for attribute in try folder.place().attributes() where attribute.isContent {
      try copy.setAttribute(attribute)
    }
    let info = folder.information
    try copy.setOwner(info.st_uid, info.st_gid)
    try copy.setMode(info.st_mode & 0o7777)
    try copy.setTime(seconds: info.st_mtim.tv_sec, nanoseconds: info.st_mtim.tv_nsec)
  }
}

extension ByteString {
  /// The tree's root, ".", and what leads from it to the file of an absolute path.
  fileprivate var above: [ByteString] {
    var paths: [ByteString] = ["."]
    for name in names.dropLast() {
      paths.append(paths.count == 1 ? name : paths[paths.count - 1].appending(name))
    }
    return paths
  }
}
