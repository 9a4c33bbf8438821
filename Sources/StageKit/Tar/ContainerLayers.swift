internal import CLinux
internal import Files
internal import Glibc
package import Model
package import Tar

/// A tree that the layers of a container image are laid into, one on the other (OCI image
/// specification, "Image Layer Filesystem Changeset").
package struct ContainerLayers: ~Copyable {
  private let tree: Tree
  /// Where the tree really is.
  private let root: String
  /// What the layer at work has brought, and the folders above it: its whiteouts are for what lies
  /// beneath it.
  private var own: Set<String> = []
  /// The times of folders, which change with what is put into them.
  private var times: [String: Int] = [:]

  private static let whiteout = ".wh."
  private static let opaque = ".wh..wh..opq"

  /// - Parameter root: The tree, an empty folder.
  /// - Throws: When there is none.
  package init(into root: String) throws(Failure) {
    let tree = try Tree(root: root)
    let folder = try tree.open("/", O_DIRECTORY)
    self.root = try Files.linkTarget("/proc/self/fd/\(folder.raw)")
    self.tree = tree
  }

  /// Lays the next layer on those before.
  ///
  /// - Parameter archive: Its archive, not compressed.
  /// - Throws: When an entry cannot be made, or lies outside of the tree.
  package mutating func add(_ archive: inout TarReader) throws(Failure) {
    own = []
    while let entry = try archive.next() { try add(entry, &archive) }
  }

  /// Lays the next entry of the layer at work on what is there.
  ///
  /// - Parameters:
  ///   - entry: The entry.
  ///   - archive: Where its content comes from.
  /// - Throws: When it cannot be made, or lies outside of the tree.
  package mutating func add(_ entry: TarEntry, _ archive: inout TarReader) throws(Failure) {
    let path = try Tree.path(entry.path)
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    if name.hasPrefix(Self.whiteout) {
      try hide(name, in: String(path.dropLast(name.utf8.count)))
      return
    }
    let place = try tree.locate(path, making: true)
    let real = try self.path(of: place)
    keep(real)
    var isFolder = false
    if case .directory = entry.kind { isFolder = true }
    if let there = try? tree.information(real) {
      if isFolder, there.st_mode & S_IFMT == S_IFDIR {
        try Xattrs.clear("/proc/self/fd/\(place.folder.raw)/\(place.name)", path)
        try tree.setAttributes(of: entry, at: place, path)
        times[real] = entry.mtime
        return
      }
      try remove(real)
    }
    try tree.make(entry, at: place, path, from: &archive)
    if isFolder { times[real] = entry.mtime }
  }

  /// Gives the folders their times: to be called after the last layer.
  package func finish() throws(Failure) {
    for (path, time) in times { try tree.setTime(path, Timestamp(seconds: time)) }
  }

  /// Where a name really is, whatever links led to it.
  private func path(of place: borrowing Place) throws(Failure) -> String {
    let folder = try Files.linkTarget("/proc/self/fd/\(place.folder.raw)")
    let parent = root == "/" ? folder : String(folder.dropFirst(root.utf8.count))
    if place.name == "." { return "/" }
    return (parent == "/" ? "" : parent) + "/" + place.name
  }

  private mutating func keep(_ path: String) {
    var path = path[...]
    while !path.isEmpty, own.insert(String(path)).inserted {
      path = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    }
  }

  private mutating func hide(_ name: String, in folder: String) throws(Failure) {
    // The layer beneath may not have the folder.
    guard tree.isDirectory(folder) else { return }
    let target = name == Self.opaque ? "" : String(name.dropFirst(Self.whiteout.count))
    guard name == Self.opaque || !["", ".", ".."].contains(target), !target.hasPrefix(Self.whiteout)
    else {
      throw Failure(
        "unpack", folder + name, cause: "it is no whiteout that the image specification knows")
    }
    if name == Self.opaque {
      let place = try tree.locate(folder + "x")
      let real = try path(of: place).dropLast(2)
      for child in try tree.names(in: folder) { try remove("\(real)/\(child)", keeping: own) }
    } else {
      let place = try tree.locate(folder + target)
      try remove(try path(of: place), keeping: own)
    }
  }

  /// Removes a file or a folder, but for what is to be kept of it.
  private mutating func remove(_ path: String, keeping kept: Set<String> = []) throws(Failure) {
    guard let info = try? tree.information(path) else { return }
    let isFolder = info.st_mode & S_IFMT == S_IFDIR
    if isFolder {
      for name in try tree.names(in: path) { try remove("\(path)/\(name)", keeping: kept) }
    }
    if kept.contains(path) { return }
    times[path] = nil
    let place = try tree.locate(path)
    guard unlinkat(place.folder.raw, place.name, isFolder ? AT_REMOVEDIR : 0) == 0 else {
      throw .system("remove", path)
    }
  }
}
