internal import Files
package import Model

/// In what one file of two trees differs.
package struct FileDifference: Sendable, Equatable {
  package enum Kind: String, Sendable, Equatable {
    case content, mode, owner, time, missing, extra
    case kind
    case target = "link target"
    case attributes = "xattr"
  }

  /// Relative to the tree's root.
  package var path: ByteString
  package var kinds: [Kind]

  package init(path: ByteString, kinds: [Kind]) {
    self.path = path
    self.kinds = kinds
  }

  /// What differs between two listings, sorted by path.
  package static func between(_ first: Listing, and second: Listing) -> [FileDifference] {
    var others: [ByteString: Listing.Entry] = [:]
    for entry in second.entries { others[entry.path] = entry }
    var differences: [FileDifference] = []
    for entry in first.entries {
      guard let other = others.removeValue(forKey: entry.path) else {
        differences.append(FileDifference(path: entry.path, kinds: [.missing]))
        continue
      }
      let kinds = entry.differences(from: other)
      if !kinds.isEmpty { differences.append(FileDifference(path: entry.path, kinds: kinds)) }
    }
    differences += others.keys.map { FileDifference(path: $0, kinds: [.extra]) }
    return differences.sorted { $0.path < $1.path }
  }
}
extension Listing.Entry {
  /// In what another file with the same path differs from this one.
  package func differences(from other: Listing.Entry) -> [FileDifference.Kind] {
    if self == other { return [] }
    var kinds: [FileDifference.Kind] = []
    switch (kind, other.kind) {
    case let (one, another) where one == another: break
    case (.file, .file): kinds.append(.content)
    case (.link, .link), (.hardLink, .hardLink): kinds.append(.target)
    // What is said of a file stands with its first name only.
    case (.hardLink, _), (_, .hardLink): return [.target]
    default: return [.kind]
    }
    if mode != other.mode { kinds.append(.mode) }
    if owner != other.owner || group != other.group { kinds.append(.owner) }
    if modified != other.modified { kinds.append(.time) }
    if attributes != other.attributes { kinds.append(.attributes) }
    return kinds
  }
}
