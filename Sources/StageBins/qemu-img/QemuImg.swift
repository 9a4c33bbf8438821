package import Model

/// Converts a raw disk image to another format.
///
/// Input `disk`: the tree that has the raw image.
package struct QemuImg: StageContract {
  /// The raw image's path in the input.
  package var source: String
  /// The new image's path in this stage's own tree.
  package var file: String
  package var format: Format

  package enum Format: String, Sendable, CaseIterable { case qcow2 }

  package static let name = "qemu-img"
  package static let version = 1
  package static let summary = "Convert a raw disk image to another format."
  package static let stance = Stance.onTree
  package static let buildPackages = ["qemu-utils"]
  package static let schema = Schema<Self>.object(
    Field("source", { $0.source }, .string, "The raw image's path in the input."),
    Field("file", { $0.file }, .string, "The new image's path."),
    Field("format", { $0.format }, .choice, "The new image's format."),
    make: { QemuImg(source: $0, file: $1, format: $2) })

  package init(source: String, file: String, format: Format) {
    self.source = source
    self.file = file
    self.format = format
  }
}
