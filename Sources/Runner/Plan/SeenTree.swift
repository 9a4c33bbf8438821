internal import Hashing
package import Model
internal import Synchronization
internal import Trees

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
    guard let text = listing(question.layer) else { return question.layer }
    let lines = question.unseen.flatMap { path in
      Listing.ownLines(of: ByteString(path.utf8.dropFirst()), in: text)
    }
    if lines.isEmpty { return question.layer }
    // A desktop's listing is long: it is not read into values for this.
    let hash = SHA256()
    text.withUnsafeBytes { bytes in
      var position = 0
      for line in lines.sorted(by: { $0.lowerBound < $1.lowerBound }) {
        hash.update(UnsafeRawBufferPointer(rebasing: bytes[position..<line.lowerBound]))
        position = line.upperBound
      }
      hash.update(UnsafeRawBufferPointer(rebasing: bytes[position...]))
    }
    return hash.finish()
  }
}
