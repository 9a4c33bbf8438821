package import Model

/// Packs a raw disk image as Google Compute Engine imports it: a file `disk.raw`, a whole number of GiB, alone in a
/// compressed archive of the old GNU format.
///
/// Source: Google Cloud's documentation, "Prepare a boot disk".
///
/// Input `disk`: the tree that has the raw image.
package struct GCEImage: StageContract {
  /// The raw image's path in the input.
  package var source: String
  /// The archive's path in this stage's own tree.
  package var file: String

  /// What the disk's size has to be a multiple of, in bytes.
  package static let unit = 1 << 30

  package static let name = "gce"
  package static let version = 1
  package static let summary = "Pack a raw disk image as Google Compute Engine imports it."
  package static let stance = Stance.onTree
  package static let buildPackages = ["gzip", "tar"]
  package static let schema = Schema<Self>.object(
    Field("source", { $0.source }, .string, "The raw image's path in the input."),
    Field("file", { $0.file }, .string, "The archive's path."),
    make: { GCEImage(source: $0, file: $1) })

  package init(source: String, file: String) {
    self.source = source
    self.file = file
  }
}
