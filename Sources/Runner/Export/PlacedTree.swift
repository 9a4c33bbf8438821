internal import Files
internal import Hashing
internal import Model
internal import Trees

/// A tree that an earlier run placed as a directory, with its listing beside it.
struct PlacedTree {
  private let path: String
  /// The digest that the store remembers: a run that was killed may not have got to the listing.
  private let record: Digest?
  private let digest: Digest?
  private let listing: Listing?

  /// A tree of which the store remembers `record`.
  init(at path: String, record: String?) {
    self.path = path
    self.record = record.flatMap { Digest(hex: $0) }
    let text = try? Files.read(OutputNames.listing(of: path), limit: Limits.listing)
    digest = text.map(SHA256.digest)
    listing = text.flatMap { Listing(text: $0) }
  }

  /// Whether an earlier run placed a tree here.
  var isKnown: Bool { listing != nil || record != nil }

  /// Whether it is as its listing says, by all that can be seen without reading files: a changed file has another time.
  var looksUnchanged: Bool {
    // Without a listing, only reading the files tells.
    listing?.isWritten(at: path) ?? true
  }

  /// Whether every byte of it is as it was placed.
  var isUnchanged: Bool {
    guard let now = try? Survey(of: path).listing.digest else { return false }
    return now == digest || now == record
  }
}
