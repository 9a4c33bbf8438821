package import Model

/// Writes a disk image with file systems made from a tree, without loop devices or mounts.
///
/// Input `tree`: the system. Input `images`, where a partition asks for one: a tree that has
/// finished file systems as files.
package struct Disk: StageContract {
  /// The image's path in this stage's own tree: `/disk.raw`.
  package var file: String
  /// Nil makes the disk as small as the partitions allow.
  package var size: ByteSize?
  /// What the size of such a disk is a multiple of; nil for a mebibyte.
  package var unit: ByteSize?
  package var table: Table
  /// The GPT's disk GUID, in lower case, or the MBR's signature as eight hexadecimal digits.
  package var id: String
  package var partitions: [Partition]
  /// What BIOS starts; nil for nothing.
  package var bios: BIOS?
  /// Mount points of the finished file systems among the images: what is below them is on no other.
  package var beside: [String]

  package enum BIOS: String, Sendable, CaseIterable {
    /// GRUB's boot and core images (`/boot/grub/i386-pc/{boot,core}.img` of the tree) go to the
    /// disk's first sector and the BIOS boot partition, or what is free behind an MBR.
    case grub
    /// SYSLINUX goes onto the file system of `/boot/syslinux`.
    case syslinux
  }

  package enum Table: String, Sendable, CaseIterable { case gpt, mbr }

  package struct Partition: Sendable, Equatable {
    /// The partition's GUID, in lower case; it also is what random parts of its file system are
    /// made from.
    package var id: String
    package var type: Kind
    /// What the partition table has for a type: a GUID in a GPT, two hexadecimal digits in an MBR.
    ///
    /// In lower case; nil for what `type` means there.
    package var typeID: String?
    package var label: String
    /// Nil for right behind the one before it.
    package var start: ByteSize?
    /// Nil for the size of `image`, else the rest of the disk, or in a disk without a size what the
    /// content needs.
    package var size: ByteSize?
    package var filesystem: Filesystem?
    /// A finished file system: its path in the input `images`.
    package var image: String?

    package enum Kind: String, Sendable, CaseIterable {
      case biosBoot = "bios-boot"
      case esp
      case boot, root
      case rootVerity = "root-verity"
      case home, srv, `var`, swap, linux
      /// Files for every system to read ("Microsoft basic data"): a FAT that is no EFI system partition.
      case data
    }

    package init(
      id: String, type: Kind, typeID: String? = nil, label: String, start: ByteSize? = nil,
      size: ByteSize?, filesystem: Filesystem?, image: String? = nil
    ) {
      self.id = id
      self.type = type
      self.typeID = typeID
      self.label = label
      self.start = start
      self.size = size
      self.filesystem = filesystem
      self.image = image
    }

    package static let schema = Schema<Partition>.object(
      Field("id", { $0.id }, .string, "The partition's GUID."),
      Field("type", { $0.type }, .choice, "Its purpose."),
      Field(
        optional: "type-id", { $0.typeID }, .string,
        "Its type in the partition table, a GUID or two hexadecimal digits. Default: by 'type'."),
      Field("label", { $0.label }, .string, "Its name in the partition table."),
      Field(optional: "start", { $0.start }, ByteSize.schema, "Where it begins on the disk."),
      Field(
        optional: "size", { $0.size }, ByteSize.schema, "Its size. Default: the rest of the disk."),
      Field(optional: "filesystem", { $0.filesystem }, Filesystem.schema, "Its file system."),
      Field(
        optional: "image", { $0.image }, .string, "A file in the input 'images' to write to it."),
      make: {
        Partition(
          id: $0, type: $1, typeID: $2, label: $3, start: $4, size: $5, filesystem: $6, image: $7)
      })
  }

  package struct Filesystem: Sendable, Equatable {
    package var type: Kind
    /// For vfat eight hexadecimal digits as `1234-ABCD`.
    package var uuid: String
    package var label: String
    /// The folder of the tree that is the root of this file system; nil for an empty one, and swap.
    package var mountPoint: String?

    package enum Kind: String, Sendable, CaseIterable { case ext4, vfat, swap }

    package init(type: Kind, uuid: String, label: String, mountPoint: String?) {
      self.type = type
      self.uuid = uuid
      self.label = label
      self.mountPoint = mountPoint
    }

    package static let schema = Schema<Filesystem>.object(
      Field("type", { $0.type }, .choice, "The file system's type."),
      Field("uuid", { $0.uuid }, .string, "Its UUID, or for vfat its serial number."),
      Field("label", { $0.label }, .string, "Its label."),
      Field(
        optional: "mount-point", { $0.mountPoint }, .string,
        "The directory of the tree that it holds."),
      make: { Filesystem(type: $0, uuid: $1, label: $2, mountPoint: $3) })
  }

  package static let name = "disk"
  package static let version = 3
  package static let summary = "Write a disk image with file systems made from a tree."
  package static let stance = Stance.onTree
  package static let buildPackages = [
    "dosfstools", "e2fsprogs", "fdisk", "libarchive13t64", "mtools",
  ]
  package static let schema = Schema<Self>.object(
    Field("file", { $0.file }, .string, "The image's path."),
    Field(optional: "size", { $0.size }, ByteSize.schema, "The disk's size."),
    Field(
      optional: "unit", { $0.unit }, ByteSize.schema,
      "What the size is a multiple of when it is left out. Default: 1MiB."),
    Field("table", { $0.table }, .choice, default: .gpt, "The kind of partition table."),
    Field("id", { $0.id }, .string, "The disk's GUID, or an MBR's signature."),
    Field(
      "partitions", { $0.partitions }, .list(of: Partition.schema), "The partitions, in order."),
    Field(optional: "bios", { $0.bios }, .choice, "What BIOS starts. Default: nothing."),
    Field(
      optional: "beside", { $0.beside.isEmpty ? nil : $0.beside }, .list(of: .string),
      "Mount points of partitions that have an image."),
    make: {
      Disk(
        file: $0, size: $1, unit: $2, table: $3, id: $4, partitions: $5, bios: $6, beside: $7 ?? [])
    })

  package init(
    file: String, size: ByteSize?, unit: ByteSize? = nil, table: Table, id: String,
    partitions: [Partition], bios: BIOS?, beside: [String] = []
  ) {
    self.file = file
    self.size = size
    self.unit = unit
    self.table = table
    self.id = id
    self.partitions = partitions
    self.bios = bios
    self.beside = beside
  }
}
