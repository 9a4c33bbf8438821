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
  private let root: ByteString
  /// What the layer at work has brought, and the folders above it: its whiteouts are for what lies
  /// beneath it.
  private var own: Set<ByteString> = []
  /// The times of folders, which change with what is put into them.
  private var times: [ByteString: Int] = [:]

  /// - Parameter root: The tree, an empty folder.
  /// - Throws: When there is none.
  package init(into root: String) throws(Failure) {
    let tree = try Tree(root: root)
    self.root = try Self.path(of: try tree.open("" as ByteString, O_DIRECTORY))
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
    let path: ByteString
    switch try LayerChange(entry) {
    case .file(let file): path = file
    case .whiteout(let hidden): return try hide(hidden)
    case .opaque(let folder): return try empty(folder)
    }
    var isFolder = false
    if case .directory = entry.kind { isFolder = true } else { try tree.refuseRoot(path) }
    let place = try tree.place(path, making: true)
    let real = try self.path(of: place)
    keep(real)
    if let there = place.information {
      if isFolder, there.st_mode & S_IFMT == S_IFDIR {
        try Xattrs.clear(place, "/" + path.brief)
        try tree.setAttributes(of: entry, at: place, "/" + path.brief)
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
    for (path, time) in times {
      let place = try tree.place(path)
      var both = [timespec](repeating: timespec(tv_sec: time, tv_nsec: 0), count: 2)
      let raw = place.folder.raw
      guard place.withName({ utimensat(raw, $0, &both, AT_SYMLINK_NOFOLLOW) }) == 0 else {
        throw .system("set the time of", "/" + path.brief)
      }
    }
  }

  /// Where an open folder really is.
  private static func path(of folder: borrowing FileDescriptor) throws(Failure) -> ByteString {
    var buffer = [CChar](repeating: 0, count: Limits.path + 1)
    let count = readlink("/proc/self/fd/\(folder.raw)", &buffer, buffer.count)
    guard count >= 0 else {
      // Links can make a path that is longer than any name of it.
      throw errno == ENAMETOOLONG
        ? Failure(
          "use", "a directory of the tree",
          cause: "with the links in it resolved, its path is longer than \(Limits.path) bytes",
          code: ENAMETOOLONG)
        : .system("find", "a directory of the tree")
    }
    return ByteString(buffer[..<count].map { UInt8(bitPattern: $0) })
  }

  /// Where a name really is below the root, whatever links led to it.
  private func path(of place: borrowing ArchivePlace) throws(Failure) -> ByteString {
    let folder = try Self.path(of: place.folder)
    let names = folder.names.dropFirst(root.names.count) + (place.name == "." ? [] : [place.name])
    return ByteString(names.map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
  }

  private mutating func keep(_ path: ByteString) {
    var path = path.bytes[...]
    while !path.isEmpty, own.insert(ByteString(path)).inserted {
      path = path[..<(path.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex)]
    }
  }

  private mutating func hide(_ path: ByteString) throws(Failure) {
    // The layer beneath may not have the folder.
    guard let place = try? tree.place(path) else { return }
    try remove(try self.path(of: place), keeping: own)
  }

  private mutating func empty(_ folder: ByteString) throws(Failure) {
    guard tree.isDirectory(folder) else { return }
    let place = try tree.place(folder.appending("x"))
    let real = ByteString(
      try path(of: place).names.dropLast().map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
    for child in try tree.names(in: folder) { try remove(real.appending(child), keeping: own) }
  }

  /// Removes a file or a folder, but for what is to be kept of it.
  private mutating func remove(_ path: ByteString, keeping kept: Set<ByteString> = [])
    throws(Failure)
  {
    for gone in try tree.remove(path, but: kept.contains) { times[gone] = nil }
  }
}
