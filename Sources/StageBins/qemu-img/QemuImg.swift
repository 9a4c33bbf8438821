package import Model

/// Writes a raw disk image in a compressed format.
///
/// Input `disk`: the tree that has the raw image.
package struct QemuImg: StageContract {
  /// The raw image's path in the input.
  package var source: String
  /// The new image's path in this stage's own tree.
  package var file: String
  package var format: Format
  /// The disk's UUID; a vmdk has its first 32 bits.
  package var id: String

  package enum Format: String, Sendable, CaseIterable {
    /// With zstd.
    case qcow2
    /// The stream-optimised kind, with zlib.
    case vmdk
  }

  package static let name = "qemu-img"
  package static let version = 1
  package static let summary = "Write a raw disk image as a compressed qcow2 or vmdk."
  package static let stance = Stance.onTree
  package static let buildPackages = ["qemu-utils"]
  package static let schema = Schema<Self>.object(
    Field("source", { $0.source }, .string, "The raw image's path in the input."),
    Field("file", { $0.file }, .string, "The new image's path."),
    Field("format", { $0.format }, .choice, "The new image's format."),
    Field("id", { $0.id }, .string, "The disk's UUID."),
    make: { QemuImg(source: $0, file: $1, format: $2, id: $3) })

  package init(source: String, file: String, format: Format, id: String) {
    self.source = source
    self.file = file
    self.format = format
    self.id = id
  }
}
