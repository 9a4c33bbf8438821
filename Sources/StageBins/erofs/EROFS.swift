package import Model

/// Writes a tree as an EROFS file system.
///
/// Input `tree`: the tree.
package struct EROFS: StageContract {
  /// The image's path in this stage's own tree.
  package var file: String
  package var compression: Compression
  /// The file system's.
  package var uuid: String

  package enum Compression: String, Sendable, CaseIterable { case lz4hc, none, zstd }

  package static let name = "erofs"
  package static let version = 1
  package static let summary = "Write a tree as an EROFS file system."
  package static let stance = Stance.onTree
  package static let buildPackages = ["erofs-utils"]
  package static let schema = Schema<Self>.object(
    Field("file", { $0.file }, .string, "The image's path."),
    Field("compression", { $0.compression }, .choice, "How it is compressed."),
    Field("uuid", { $0.uuid }, .string, "The file system's UUID."),
    make: { EROFS(file: $0, compression: $1, uuid: $2) })

  package init(file: String, compression: Compression, uuid: String) {
    self.file = file
    self.compression = compression
    self.uuid = uuid
  }
}
