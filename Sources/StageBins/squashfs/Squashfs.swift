package import Model

/// Writes a tree as a squashfs file system.
///
/// Input `tree`: the tree.
package struct Squashfs: StageContract {
  /// The image's path in this stage's own tree.
  package var file: String
  package var compression: Compression

  package enum Compression: String, Sendable, CaseIterable { case gzip, lz4, xz, zstd }

  package static let name = "squashfs"
  package static let version = 2
  package static let summary = "Write a tree as a squashfs file system."
  package static let stance = Stance.onTree
  package static let buildPackages = ["squashfs-tools"]
  package static let schema = Schema<Self>.object(
    Field("file", { $0.file }, .string, "The image's path."),
    Field("compression", { $0.compression }, .choice, "How it is compressed."),
    make: { Squashfs(file: $0, compression: $1) })

  package init(file: String, compression: Compression) {
    self.file = file
    self.compression = compression
  }
}
