package import Model

/// Writes a GPT disk image with file systems made from a tree, without loop devices or mounts.
///
/// Input `tree`: the system.
package struct Disk: StageContract {
  /// The image's path in this stage's own tree: `/disk.raw`.
  package var file: String
  /// Nil makes the disk as small as the partitions allow.
  package var size: ByteSize?
  /// The GPT's disk GUID, in lower case.
  package var id: String
  package var partitions: [Partition]
  /// Whether GRUB's boot and core images (`/boot/grub/i386-pc/{boot,core}.img` of the tree) go to
  /// the disk's first sector and the BIOS boot partition.
  package var biosBoot: Bool

  package struct Partition: Sendable, Equatable {
    /// The partition's GUID, in lower case.
    package var id: String
    package var type: Kind
    package var label: String
    /// Nil for the rest of the disk, or in a disk without a size for what the content needs; only
    /// the last one may have none.
    package var size: ByteSize?
    package var filesystem: Filesystem?

    package enum Kind: String, Sendable, CaseIterable {
      case biosBoot = "bios-boot"
      case esp
      case root
      case linux
    }

    package init(id: String, type: Kind, label: String, size: ByteSize?, filesystem: Filesystem?) {
      self.id = id
      self.type = type
      self.label = label
      self.size = size
      self.filesystem = filesystem
    }

    package static let schema = Schema<Partition>.object(
      Field("id", { $0.id }, .string, "The partition's GUID."),
      Field("type", { $0.type }, .choice, "What it is for."),
      Field("label", { $0.label }, .string, "Its name in the partition table."),
      Field(optional: "size", { $0.size }, ByteSize.schema, "Its size; left out, the rest."),
      Field(optional: "filesystem", { $0.filesystem }, Filesystem.schema, "What is on it."),
      make: { Partition(id: $0, type: $1, label: $2, size: $3, filesystem: $4) })
  }

  package struct Filesystem: Sendable, Equatable {
    package var type: Kind
    /// For vfat eight hexadecimal digits as `1234-ABCD`.
    package var uuid: String
    package var label: String
    /// The folder of the tree that is the root of this file system.
    package var mountPoint: String

    package enum Kind: String, Sendable, CaseIterable { case ext4, vfat }

    package init(type: Kind, uuid: String, label: String, mountPoint: String) {
      self.type = type
      self.uuid = uuid
      self.label = label
      self.mountPoint = mountPoint
    }

    package static let schema = Schema<Filesystem>.object(
      Field("type", { $0.type }, .choice, "The file system's type."),
      Field("uuid", { $0.uuid }, .string, "Its UUID, or for vfat its serial number."),
      Field("label", { $0.label }, .string, "Its label."),
      Field("mount-point", { $0.mountPoint }, .string, "Which folder of the tree it holds."),
      make: { Filesystem(type: $0, uuid: $1, label: $2, mountPoint: $3) })
  }

  package static let name = "disk"
  package static let version = 1
  package static let summary = "Write a GPT disk image with file systems made from a tree."
  package static let stance = Stance.onTree
  package static let buildPackages = [
    "dosfstools", "e2fsprogs", "fdisk", "libarchive13t64", "mtools",
  ]
  package static let schema = Schema<Self>.object(
    Field("file", { $0.file }, .string, "The image's path."),
    Field(optional: "size", { $0.size }, ByteSize.schema, "The disk's size."),
    Field("id", { $0.id }, .string, "The disk's GUID."),
    Field(
      "partitions", { $0.partitions }, .list(of: Partition.schema), "The partitions, in order."),
    Field("bios-boot", { $0.biosBoot }, .bool, "Whether GRUB boots it by BIOS."),
    make: { Disk(file: $0, size: $1, id: $2, partitions: $3, biosBoot: $4) })

  package init(
    file: String, size: ByteSize?, id: String, partitions: [Partition], biosBoot: Bool
  ) {
    self.file = file
    self.size = size
    self.id = id
    self.partitions = partitions
    self.biosBoot = biosBoot
  }
}
