package import Model

/// Writes a Btrfs file system from a directory of a tree into a file, without mounting it.
///
/// Input `tree`: the system.
package struct Btrfs: StageContract {
  /// The new file's path in this stage's own tree.
  package var file: String
  /// Nil for what the content needs, with head room.
  package var size: ByteSize?
  package var uuid: String
  /// The UUID of the device, which a file system on one device has beside its own.
  package var deviceUUID: String
  package var label: String
  /// The folder of the tree that is the root of this file system; nil for an empty one.
  package var mountPoint: String?
  /// The mount points of other file systems: what is below them is not on this one.
  package var beside: [String]
  /// Folders of the file system that are subvolumes, as paths from its root.
  package var subvolumes: [String]

  package static let name = "btrfs"
  package static let version = 2
  package static let summary = "Write a Btrfs file system made from a directory of a tree."
  package static let stance = Stance.onTree
  package static let buildPackages = ["btrfs-progs", "faketime"]
  package static let schema = Schema<Self>.object(
    Field("file", { $0.file }, .string, "The new file's path."),
    Field(optional: "size", { $0.size }, ByteSize.schema, "The file system's size."),
    Field("uuid", { $0.uuid }, .string, "The file system's UUID."),
    Field("device-uuid", { $0.deviceUUID }, .string, "The UUID of its device."),
    Field("label", { $0.label }, .string, "The file system's label."),
    Field(
      optional: "mount-point", { $0.mountPoint }, .string,
      "The directory of the tree that it holds."),
    Field(
      "beside", { $0.beside }, .list(of: .string), default: [],
      "The mount points of other file systems."),
    Field(
      "subvolumes", { $0.subvolumes }, .list(of: .string), default: [],
      "Directories that are subvolumes, as paths from the file system's root."),
    make: {
      Btrfs(
        file: $0, size: $1, uuid: $2, deviceUUID: $3, label: $4, mountPoint: $5, beside: $6,
        subvolumes: $7)
    })

  package init(
    file: String, size: ByteSize?, uuid: String, deviceUUID: String, label: String,
    mountPoint: String?, beside: [String], subvolumes: [String]
  ) {
    self.file = file
    self.size = size
    self.uuid = uuid
    self.deviceUUID = deviceUUID
    self.label = label
    self.mountPoint = mountPoint
    self.beside = beside
    self.subvolumes = subvolumes
  }
}
