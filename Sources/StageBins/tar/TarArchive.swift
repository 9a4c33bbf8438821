package import Model

/// Writes a tree as one tar archive (POSIX pax), entries sorted by the bytes of their paths.
///
/// Input `tree`: the tree.
package struct TarArchive: StageContract {
  /// The archive's path in this stage's own tree.
  package var file: String
  package var compression: Compression

  package enum Compression: String, Sendable, CaseIterable { case none, gzip, xz, zstd }

  package static let name = "tar"
  package static let version = 1
  package static let summary = "Write a tree as a tar archive."
  package static let stance = Stance.onTree
  package static let buildPackages = ["gzip", "xz-utils", "zstd"]
  package static let schema = Schema<Self>.object(
    Field("file", { $0.file }, .string, "The archive's path."),
    Field(
      "compression", { $0.compression }, .choice, default: Compression.none,
      "How it is compressed."),
    make: { TarArchive(file: $0, compression: $1) })

  package init(file: String, compression: Compression = .none) {
    self.file = file
    self.compression = compression
  }
}
