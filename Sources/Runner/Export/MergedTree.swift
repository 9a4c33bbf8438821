internal import Files
internal import Glibc
package import Model

/// A pipeline's whole tree: what its layers, one over the other, show.
package struct MergedTree: Sendable {
  /// One file of the tree, and where its content is.
  package struct Item: Sendable {
    package var entry: Listing.Entry
    /// In the store; further names of one file have the same.
    package var source: String
  }

  /// Sorted by the bytes of their paths; the root, ".", is the first.
  package let items: [Item]
  /// What is there, as a stage's changes are listed.
  package let listing: Listing

  /// - Parameters:
  ///   - layers: The tree's, lowest first.
  ///   - store: That has them.
  /// - Throws: When a layer's listing is not readable.
  package init(_ layers: [Digest], in store: Store) throws(Failure) {
    var seen: [String: Item] = [:]
    for layer in layers {
      let path = store.layerPath(layer) + "/listing"
      guard let listing = Listing(text: try Files.readText(path)) else {
        throw Failure(
          "read", path, cause: "it is damaged", remedy: "particle store verify finds what is")
      }
      Self.add(listing, at: store.treePath(layer), to: &seen)
    }
    items = seen.values.sorted { $0.entry.path.utf8.lexicographicallyPrecedes($1.entry.path.utf8) }
    var first: [String: String] = [:]
    listing = Listing(
      items.map { item in
        var entry = item.entry
        switch entry.kind {
        case .folder: entry.kind = .folder(opaque: false)
        case .file, .device, .pipe, .socket, .link:
          if let name = first[item.source] {
            entry.kind = .hardLink(to: name)
            entry.attributes = []
          } else {
            first[item.source] = entry.path
          }
        case .hardLink, .whiteout: break
        }
        return entry
      })
  }

  private static func add(
    _ listing: Listing, at tree: String, to seen: inout [String: Item]
  ) {
    let own = Dictionary(listing.entries.map { ($0.path, $0) }) { first, _ in first }
    for entry in listing.entries {
      let old = seen[entry.path]
      switch entry.kind {
      case .whiteout:
        removeContent(of: old, from: &seen)
        seen[entry.path] = nil
      case .hardLink(let name):
        removeContent(of: old, from: &seen)
        guard var file = own[name] else { continue }
        file.path = entry.path
        seen[entry.path] = Item(entry: file, source: "\(tree)/\(name)")
      case .folder(let isOpaque):
        if isOpaque { removeContent(of: old, from: &seen) }
        seen[entry.path] = Item(entry: entry, source: "\(tree)/\(entry.path)")
      case .file, .link, .device, .pipe, .socket:
        removeContent(of: old, from: &seen)
        seen[entry.path] = Item(entry: entry, source: "\(tree)/\(entry.path)")
      }
    }
  }

  /// Removes what is in a folder that is seen no more.
  private static func removeContent(of item: Item?, from seen: inout [String: Item]) {
    guard let item, case .folder = item.entry.kind else { return }
    let start = item.entry.path + "/"
    for path in seen.keys where path.hasPrefix(start) { seen[path] = nil }
  }

  /// The bytes of all files.
  package var size: Int {
    listing.entries.reduce(0) { sum, entry in
      if case .file(let size, _) = entry.kind { return sum + size }
      return sum
    }
  }
}
