internal import Files
package import Model
package import Trees

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
      for file in try Files.entries(in: folder).compactMap(\.text) where !file.hasSuffix(".new") {
        let object = StoreObject(kind, file)
        let path = "\(store.root)/\(object.name)"
        guard let used = object.lastUse(in: store.root) else { continue }
        let size = kind == .layers ? Self.layerSize(path) : try? Files.diskUse(of: path)
        // What cannot be counted can be removed all the same.
        items.append(Item(object: object, size: size ?? 0, used: used))
      }
    }
  }

  /// In bytes on the disk.
  package var size: Int { items.reduce(0) { $0 + $1.size } }

  /// Counted once: a layer does not change.
  private static func layerSize(_ path: String) -> Int? {
    if let text = try? Files.readText(path + "/size"), let size = Int(text) { return size }
    guard let size = try? Files.diskUse(of: path) else { return nil }
    try? Files.writeAtomically(Array("\(size)".utf8), to: path + "/size")
    return size
  }
}
