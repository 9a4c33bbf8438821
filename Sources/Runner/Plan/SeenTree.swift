package import Model
internal import Synchronization

/// What stages see of layers: a contract may say that some files of the tree are none of its
/// stage's business.
package final class SeenTree: Sendable {
  private let listing: @Sendable (Digest) -> [UInt8]?
  private let known = Mutex<[Question: Digest]>([:])

  private struct Question: Hashable {
    var layer: Digest
    var unseen: [String]
  }

  /// - Parameter listing: The text of a layer's listing; nil where it cannot be read.
  package init(listing: @escaping @Sendable (Digest) -> [UInt8]?) { self.listing = listing }

  /// What stands for a tree in an action's key.
  ///
  /// - Parameters:
  ///   - tree: The layers, lowest first.
  ///   - unseen: Absolute paths of files.
  /// - Returns: For each layer the digest of its listing without those files; its own digest where
  ///   it has none of them.
  package func digests(of tree: [Digest], without unseen: [String]) -> [Digest] {
    unseen.isEmpty ? tree : tree.map { digest(of: Question(layer: $0, unseen: unseen)) }
  }

  private func digest(of question: Question) -> Digest {
    if let digest = known.withLock({ $0[question] }) { return digest }
    let digest = filtered(question)
    known.withLock { $0[question] = digest }
    return digest
  }

  private func filtered(_ question: Question) -> Digest {
    // Most layers have none of them, and long listings: so first a look at the bytes.
    let paths = Set(question.unseen.map { String($0.dropFirst()) })
    guard let bytes = listing(question.layer), paths.contains(where: { bytes.holds($0) }),
      let listing = Listing(text: String(decoding: bytes, as: UTF8.self))
    else { return question.layer }
    return Listing(listing.entries.filter { !paths.contains($0.path) }).digest
  }
}

extension [UInt8] {
  fileprivate func holds(_ text: String) -> Bool {
    let wanted = Array(text.utf8)
    guard let first = wanted.first, count >= wanted.count else { return false }
    return withUnsafeBufferPointer { bytes in
      for start in 0...bytes.count - wanted.count where bytes[start] == first {
        if bytes[start..<start + wanted.count].elementsEqual(wanted) { return true }
      }
      return false
    }
  }
}
