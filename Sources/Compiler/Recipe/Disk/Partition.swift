package import Model

/// One partition of an image's disk, as the recipe has it.
package struct Partition: Sendable, Equatable {
  /// Its name in the partition table, which ids derive from; nil for one that its use gives.
  package var label: Located<String>?
  /// Nil for what the mount point says.
  package var type: Located<Kind>?
  /// Its type in the partition table: a GUID, or for an MBR two hexadecimal digits.
  ///
  /// Nil for what `type` and the file system come to.
  package var typeID: Located<String>?
  /// Nil for the rest of the disk, or where the type has a usual size that one.
  package var size: Located<Room>?
  /// Where it begins; nil for right behind the one before it.
  package var start: Located<ByteSize>?
  package var mount: Located<String>?
  /// Nil for what is usual for the type.
  package var filesystem: Located<Filesystem>?
  /// Mount options; nil for the file system's usual ones.
  package var options: [Located<String>]?
  /// Whether it takes what the disk has more when the system first starts.
  package var grow: Located<Bool>
  /// Whether the kernel checks all that is read from it against a hash.
  package var verity: Located<Bool>
  /// Folders of the system that are subvolumes of this file system.
  package var subvolumes: [Located<String>] = []
  package var mark: Mark?

  package enum Kind: String, Sendable, CaseIterable {
    case biosBoot = "bios-boot"
    case esp, boot, root, home, srv, `var`, swap, linux
  }

  package enum Filesystem: String, Sendable, CaseIterable {
    case ext4, xfs, btrfs, vfat, swap, squashfs, erofs
  }

  /// How much of the disk it has.
  package enum Room: Sendable, Equatable {
    case fixed(ByteSize)
    case rest

    static let schema = Schema<Room>(
      describe: {
        .object([
          ("anyOf", .list([ByteSize.schema.describe(), .object([("const", .string("rest"))])]))
        ])
      },
      decode: { node, problems in
        if case .string("rest") = node.value { return .rest }
        return ByteSize.schema.decode(node, &problems).map(Room.fixed)
      },
      encode: { room in
        switch room {
        case .rest: .string("rest")
        case .fixed(let size): ByteSize.schema.encode(size)
        }
      })
  }

  package init(
    label: String? = nil, type: Kind? = nil, size: Room? = nil, mount: String? = nil,
    filesystem: Filesystem? = nil
  ) {
    self.label = label.map { Located($0) }
    self.type = type.map { Located($0) }
    self.size = size.map { Located($0) }
    self.mount = mount.map { Located($0) }
    self.filesystem = filesystem.map { Located($0) }
    grow = Located(false)
    verity = Located(false)
  }

  /// Places do not count.
  package static func == (a: Self, b: Self) -> Bool {
    a.label == b.label && a.type == b.type && a.typeID == b.typeID && a.size == b.size
      && a.start == b.start
      && a.mount == b.mount && a.filesystem == b.filesystem && a.options == b.options
      && a.grow == b.grow && a.verity == b.verity && a.subvolumes == b.subvolumes
  }

  // A GPT name has 36 characters (UEFI specification, section 5.3.3).
  private static let name = Schema<String>.text(
    "[A-Za-z0-9][A-Za-z0-9._-]{0,35}", "partition label",
    "use at most 36 letters, digits, '.', '_' and '-'")

  private static let mountPoint = Schema<String>.text(
    "/|(/(?!\\.{1,2}(/|$))[A-Za-z0-9._-]+)+", "mount point",
    "write an absolute path without '..', spaces and a slash at its end: /home")

  private static let option = Schema<String>.text(
    "[!-+\\x2d-~]+", "mount option", "write one option per item of the list")

  private static let typeID = Schema<String>.text(
    "[0-9a-fA-F]{2}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "partition type",
    "write a GUID such as 0FC63DAF-8483-4772-8E79-3D69D8477DE4, or for an MBR two digits in quotes:"
      + " \"0c\"")

  package static let schema = Schema<Partition>.object(
    Field(
      optional: "label", { $0.label }, name.located,
      "The name of the partition in the partition table."),
    Field(
      optional: "type", { $0.type }, Schema<Kind>.choice.located,
      "The purpose of the partition. Default: follows from the mount point."),
    Field(
      optional: "type-id", { $0.typeID }, typeID.located,
      "The type in the partition table: a GUID, or on an MBR two hexadecimal digits. Default: follows"
        + " from 'type' and 'filesystem'."),
    Field(
      optional: "size", { $0.size }, Room.schema.located,
      "The size, such as 512MiB, or rest for the rest of the disk."),
    Field(
      optional: "start", { $0.start }, ByteSize.schema.located,
      "Where on the disk the partition begins. Default: right after the previous one."),
    Field(
      optional: "mount", { $0.mount }, mountPoint.located,
      "The directory at which the partition is mounted."),
    Field(
      optional: "filesystem", { $0.filesystem }, Schema<Filesystem>.choice.located,
      "The file system. Default: ext4, or the usual one for the type."),
    Field(
      optional: "options", { $0.options }, .list(of: option.located), "Mount options."),
    Field(
      "grow", { $0.grow }, Schema<Bool>.bool.located, default: Located(false),
      "Whether to take up the rest of a larger disk when the system first boots."),
    Field(
      "verity", { $0.verity }, Schema<Bool>.bool.located, default: Located(false),
      "Whether the kernel checks everything it reads from a read-only root with dm-verity."),
    Field(
      "subvolumes", { $0.subvolumes }, .list(of: mountPoint.located), default: [],
      "Directories of the system that are subvolumes of the btrfs file system."),
    make: {
      label, type, typeID, size, start, mount, filesystem, options, grow, verity, subvolumes in
      var partition = Partition()
      partition.label = label
      partition.type = type
      partition.typeID = typeID
      partition.size = size
      partition.start = start
      partition.mount = mount
      partition.filesystem = filesystem
      partition.options = options
      partition.grow = grow
      partition.verity = verity
      partition.subvolumes = subvolumes
      return partition
    }
  ).mapped(
    { partition, node, _ in
      var placed = partition
      placed.mark = node.mark
      return placed
    }, { $0 })
}

extension Partition {
  /// What it is for: as it says, or by its mount point.
  package var kind: Kind {
    if let type { return type.value }
    return switch mount?.value {
    case "/": .root
    case "/boot": .boot
    case "/boot/efi", "/efi": .esp
    case "/home": .home
    case "/srv": .srv
    case "/var": .var
    default: filesystem?.value == .swap ? .swap : .linux
    }
  }

  /// Where it is mounted: as it says, or where its type usually is.
  package var mountPoint: String? {
    if let mount { return mount.value }
    return switch kind {
    case .root: "/"
    case .esp: "/boot/efi"
    case .boot: "/boot"
    case .home: "/home"
    case .srv: "/srv"
    case .var: "/var"
    case .biosBoot, .swap, .linux: nil
    }
  }

  /// What is on it; nil for nothing that has a format.
  package var content: Filesystem? {
    if let filesystem { return filesystem.value }
    return switch kind {
    case .biosBoot: nil
    case .esp: .vfat
    case .swap: .swap
    case .boot, .root, .home, .srv, .var: .ext4
    case .linux: mount == nil ? nil : .ext4
    }
  }

  /// Its name: as it says, or by its mount point or type.
  package var name: String {
    if let label { return label.value }
    if kind == .linux, let mount {
      return String(mount.value.dropFirst()).replacing("/", with: "-")
    }
    return kind.rawValue
  }

  /// How much of the disk it has, where the type has a usual size that one.
  func room(beside loader: Image.Boot.Loader?) -> Room {
    if let size { return size.value }
    return switch kind {
    // Room for GRUB's core image, as the GRUB manual ("BIOS installation") advises.
    case .biosBoot: .fixed(ByteSize(bytes: 1 << 20))
    // GRUB is a few megabytes, and FAT32 wants at least 32 MiB; systemd-boot has the kernels there.
    case .esp: .fixed(ByteSize(bytes: (loader == .systemdBoot ? 512 : 64) << 20))
    case .boot, .root, .home, .srv, .var, .swap, .linux: .rest
    }
  }
}

extension Partition.Filesystem {
  /// Whether it is made of finished content, which nothing can be written to.
  package var isReadOnly: Bool { self == .squashfs || self == .erofs }
}
