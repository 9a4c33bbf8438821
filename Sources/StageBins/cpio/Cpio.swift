package import Model

/// Writes a tree as a cpio archive that a kernel takes as its initramfs (format `newc`), entries
/// sorted by the bytes of their paths.
///
/// Input `tree`: the tree.
package struct Cpio: StageContract {
  /// The archive's path in this stage's own tree.
  package var file: String

  package static let name = "cpio"
  package static let version = 1
  package static let summary = "Write a tree as a cpio archive."
  package static let stance = Stance.onTree
  package static let schema = Schema<Self>.object(
    Field("file", { $0.file }, .string, "The archive's path."),
    make: { Cpio(file: $0) })

  package init(file: String) { self.file = file }
}
