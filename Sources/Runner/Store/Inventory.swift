internal import Files
internal import Glibc
package import Model

/// All objects of a store, with what they take and when they were last used.
package struct Inventory: Sendable {
  package struct Item: Sendable {
    package var object: StoreObject
    /// In bytes on the disk.
    package var size: Int
    package var used: Listing.Moment
  }

  package var items: [Item] = []

  /// Counts what is there now, and leaves out what vanishes meanwhile.
  package init(of store: Store) throws(Failure) {
    for kind in StoreObject.Kind.allCases {
      let folder = "\(store.root)/\(kind.rawValue)"
      guard Files.exists(folder) else { continue }
      for file in try Files.names(in: folder) where !file.hasSuffix(".new") {
        let object = StoreObject(kind, file)
        let path = "\(store.root)/\(object.name)"
        guard let used = object.lastUse(in: store.root),
          let size = kind == .layers ? Self.layerSize(path) : try? Self.diskUse(of: path)
        else { continue }
        items.append(Item(object: object, size: size, used: used))
      }
    }
  }

  /// In bytes on the disk.
  package var size: Int { items.reduce(0) { $0 + $1.size } }

  /// Counted once: a layer does not change.
  private static func layerSize(_ path: String) -> Int? {
    if let text = try? Files.readText(path + "/size"), let size = Int(text) { return size }
    guard let size = try? diskUse(of: path) else { return nil }
    try? Files.writeAtomically(Array("\(size)".utf8), to: path + "/size")
    return size
  }

  private static func diskUse(of path: String) throws(Failure) -> Int {
    var links: Set<UInt> = []
    return try diskUse(of: path, &links)
  }

  private static func diskUse(of path: String, _ links: inout Set<UInt>) throws(Failure) -> Int {
    let info = try Files.information(path)
    let isFolder = info.st_mode & S_IFMT == S_IFDIR
    if !isFolder, info.st_nlink > 1, !links.insert(UInt(info.st_ino)).inserted { return 0 }
    var size = Int(info.st_blocks) * 512
    if isFolder {
      for name in try Files.names(in: path) { size += try diskUse(of: path + "/" + name, &links) }
    }
    return size
  }
}
