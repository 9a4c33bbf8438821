internal import Files
internal import Glibc
package import Model

/// Several layers as one: what they show, one over the other.
package struct MergedTree: Sendable {
  /// One file of the tree, and where its content is.
  package struct Item: Sendable {
    package var entry: Listing.Entry
    /// In the store; further names of one file have the same.
    package var source: String
  }

  /// What the layers are taken for.
  package enum Purpose: Sendable {
    /// A pipeline's whole tree: there is nothing beneath it that could be hidden.
    case tree
    /// A layer in place of them all, which hides what they hide.
    case layer
  }

  /// Sorted by the bytes of their paths; the root, ".", is the first.
  package let items: [Item]
  /// What is there, as a stage's changes are listed.
  package let listing: Listing

  /// - Parameters:
  ///   - layers: Lowest first.
  ///   - store: That has them.
  ///   - purpose: Whether something lies beneath them.
  /// - Throws: When a layer's listing is not readable.
  package init(_ layers: [Digest], in store: Store, as purpose: Purpose) throws(Failure) {
    var seen: [String: Item] = [:]
    for layer in layers {
      let path = store.layerPath(layer) + "/listing"
      guard let listing = Listing(text: try Files.readText(path)) else {
        throw Failure(
          "read", path, cause: "it is damaged", remedy: "particle store verify finds what is")
      }
      Self.add(listing, at: store.treePath(layer), to: &seen, purpose)
    }
    items = seen.values.sorted { $0.entry.path.utf8.lexicographicallyPrecedes($1.entry.path.utf8) }
    var first: [String: String] = [:]
    listing = Listing(
      items.map { item in
        var entry = item.entry
        switch entry.kind {
        case .folder: break
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
    _ listing: Listing, at tree: String, to seen: inout [String: Item], _ purpose: Purpose
  ) {
    let own = Dictionary(listing.entries.map { ($0.path, $0) }) { first, _ in first }
    for entry in listing.entries {
      let old = seen[entry.path]
      switch entry.kind {
      case .whiteout:
        removeContent(of: old, from: &seen)
        seen[entry.path] =
          purpose == .layer ? Item(entry: entry, source: "\(tree)/\(entry.path)") : nil
      case .hardLink(let name):
        removeContent(of: old, from: &seen)
        guard var file = own[name] else { continue }
        file.path = entry.path
        seen[entry.path] = Item(entry: file, source: "\(tree)/\(name)")
      case .folder(let isOpaque):
        if isOpaque { removeContent(of: old, from: &seen) }
        var folder = entry
        folder.kind = .folder(opaque: purpose == .layer && (isOpaque || hides(old)))
        seen[entry.path] = Item(entry: folder, source: "\(tree)/\(entry.path)")
      case .file, .link, .device, .pipe, .socket:
        removeContent(of: old, from: &seen)
        seen[entry.path] = Item(entry: entry, source: "\(tree)/\(entry.path)")
      }
    }
  }

  /// Whether what is there lets nothing beneath it be seen.
  private static func hides(_ item: Item?) -> Bool {
    switch item?.entry.kind {
    case nil, .folder(opaque: false): false
    default: true
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
