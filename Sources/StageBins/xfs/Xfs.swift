package import Model

/// Writes an XFS file system from a directory of a tree into a file, without mounting it.
///
/// Input `tree`: the system.
package struct Xfs: StageContract {
  /// The new file's path in this stage's own tree.
  package var file: String
  /// Nil for what the content needs, with head room.
  package var size: ByteSize?
  package var uuid: String
  package var label: String
  /// The folder of the tree that is the root of this file system; nil for an empty one.
  package var mountPoint: String?
  /// The mount points of other file systems: what is below them is not on this one.
  package var beside: [String]

  package static let name = "xfs"
  package static let version = 1
  package static let summary = "Write an XFS file system made from a directory of a tree."
  package static let stance = Stance.onTree
  package static let buildPackages = ["faketime", "xfsprogs"]
  package static let schema = Schema<Self>.object(
    Field("file", { $0.file }, .string, "The new file's path."),
    Field(optional: "size", { $0.size }, ByteSize.schema, "The file system's size."),
    Field("uuid", { $0.uuid }, .string, "The file system's UUID."),
    Field("label", { $0.label }, .string, "The file system's label."),
    Field(
      optional: "mount-point", { $0.mountPoint }, .string,
      "The directory of the tree that it holds."),
    Field(
      "beside", { $0.beside }, .list(of: .string), default: [],
      "The mount points of other file systems."),
    make: {
      Xfs(file: $0, size: $1, uuid: $2, label: $3, mountPoint: $4, beside: $5)
    })

  package init(
    file: String, size: ByteSize?, uuid: String, label: String, mountPoint: String?,
    beside: [String]
  ) {
    self.file = file
    self.size = size
    self.uuid = uuid
    self.label = label
    self.mountPoint = mountPoint
    self.beside = beside
  }
}
