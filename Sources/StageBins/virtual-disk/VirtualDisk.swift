package import Model

/// Writes a raw disk image as what a hypervisor reads: uncompressed, with only the blocks that are
/// not zeros, and with identifiers that it is given.
///
/// Input `disk`: the tree that has the raw image.
package struct VirtualDisk: StageContract {
  /// The raw image's path in the input.
  package var source: String
  /// The new image's path in this stage's own tree.
  package var file: String
  package var format: Format
  /// The disk's UUID, in lower case; a vmdk has its first 32 bits.
  package var id: String
  /// The UUID of what was written last, for the formats that have one.
  package var revision: String

  package enum Format: String, Sendable, CaseIterable { case qcow2, vdi, vhd, vhdx, vmdk }

  package static let name = "virtual-disk"
  package static let version = 1
  package static let summary = "Write a raw disk image as qcow2, vdi, vhd, vhdx or vmdk."
  package static let stance = Stance.onTree
  package static let schema = Schema<Self>.object(
    Field("source", { $0.source }, .string, "The raw image's path in the input."),
    Field("file", { $0.file }, .string, "The new image's path."),
    Field("format", { $0.format }, .choice, "The new image's format."),
    Field("id", { $0.id }, .string, "The disk's UUID."),
    Field("revision", { $0.revision }, .string, "The UUID of what was written last."),
    make: { VirtualDisk(source: $0, file: $1, format: $2, id: $3, revision: $4) })

  package init(source: String, file: String, format: Format, id: String, revision: String) {
    self.source = source
    self.file = file
    self.format = format
    self.id = id
    self.revision = revision
  }
}
