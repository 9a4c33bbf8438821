internal import Files
internal import Glibc
package import Model

/// Several layers as one: what they show, one over the other.
package struct MergedTree: Sendable {
  /// One file of the tree, and where its content is.
  package struct Item: Sendable {
    package var entry: Listing.Entry
    /// Further names of one file have the same.
    var source: Source
  }

  /// A file of a layer.
  struct Source: Sendable, Hashable {
    /// Counted from the lowest.
    var layer: Int
    var path: ByteString
  }

  /// One of the layers.
  package struct Layer: Sendable {
    /// The file of its listing.
    package var listing: String
    /// The folder of its tree.
    package var tree: String

    package init(listing: String, tree: String) {
      self.listing = listing
      self.tree = tree
    }
  }

  /// What the layers are taken for.
  package enum Purpose: Sendable {
    /// A pipeline's whole tree: there is nothing beneath it that could be hidden.
    case tree
    /// A layer in place of them all, which hides what they hide.
    case layer
  }

  /// Sorted by the bytes of their paths.
  package let items: [Item]
  /// What is there, as a stage's changes are listed.
  package let listing: Listing

  /// Those that it was made of, lowest first.
  let layers: [Layer]

  /// - Parameters:
  ///   - layers: Lowest first.
  ///   - purpose: Whether something lies beneath them.
  /// - Throws: When a layer's listing is not readable.
  package init(_ layers: [Layer], as purpose: Purpose) throws(Failure) {
    var seen: [ByteString: Item] = [:]
    for (number, layer) in layers.enumerated() {
      guard let listing = Listing(text: try Files.read(layer.listing, limit: Limits.listing)) else {
        throw Failure(
          "read", layer.listing, cause: "it is damaged",
          remedy: "find what else is damaged with: particle store verify")
      }
      Self.add(listing, of: number, to: &seen, purpose)
    }
    self.layers = layers
    items = seen.values.sorted { $0.entry.path < $1.entry.path }
    var first: [Source: ByteString] = [:]
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
    _ listing: Listing, of layer: Int, to seen: inout [ByteString: Item], _ purpose: Purpose
  ) {
    let own = Dictionary(listing.entries.map { ($0.path, $0) }) { first, _ in first }
    removeHidden(by: listing, from: &seen)
    for entry in listing.entries {
      let item = Item(entry: entry, source: Source(layer: layer, path: entry.path))
      switch entry.kind {
      case .whiteout: seen[entry.path] = purpose == .layer ? item : nil
      case .hardLink(let name):
        guard var file = own[name] else { continue }
        file.path = entry.path
        seen[entry.path] = Item(entry: file, source: Source(layer: layer, path: name))
      case .folder(let isOpaque):
        var folder = item
        folder.entry.kind = .folder(
          opaque: purpose == .layer && (isOpaque || hides(seen[entry.path])))
        seen[entry.path] = folder
      case .file, .link, .device, .pipe, .socket: seen[entry.path] = item
      }
    }
  }

  /// Removes what is in folders that are seen no more, or that are opaque now.
  private static func removeHidden(by listing: Listing, from seen: inout [ByteString: Item]) {
    var hidden: Set<ByteString> = []
    for entry in listing.entries {
      if case .folder(opaque: false) = entry.kind { continue }
      if case .folder? = seen[entry.path]?.entry.kind { hidden.insert(entry.path) }
    }
    if hidden.isEmpty { return }
    for path in seen.keys where path != "." && path.isBeneath(hidden) { seen[path] = nil }
  }

  /// Whether what is there lets nothing beneath it be seen.
  private static func hides(_ item: Item?) -> Bool {
    switch item?.entry.kind {
    case nil, .folder(opaque: false): false
    default: true
    }
  }

  /// Where an item's content is.
  package func path(of item: Item) -> String {
    let path = item.source.path.bytes
    return layers[item.source.layer].tree + "/" + String(decoding: path, as: UTF8.self)
  }

  /// The bytes of all files.
  package var size: Int {
    listing.entries.reduce(0) { sum, entry in
      guard case .file(let size, _) = entry.kind else { return sum }
      let (more, isTooMuch) = sum.addingReportingOverflow(size)
      return isTooMuch ? Int.max : more
    }
  }
}

extension ByteString {
  /// Whether a folder above it, at any height, is one of these; the root is above all.
  fileprivate func isBeneath(_ folders: Set<ByteString>) -> Bool {
    if folders.contains(".") { return true }
    return bytes.indices.contains { index in
      bytes[index] == UInt8(ascii: "/") && folders.contains(ByteString(bytes[..<index]))
    }
  }
}
