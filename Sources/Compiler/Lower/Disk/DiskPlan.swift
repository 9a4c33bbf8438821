internal import Model
internal import StageContracts

/// An image's disk on machines of one architecture, with the id of everything on it.
struct DiskPlan {
  let image: Image
  let architecture: Architecture
  let ids: Identifiers
  let partitions: [Partition]

  init(_ image: Image, of recipe: String, on architecture: Architecture) {
    self.image = image
    self.architecture = architecture
    ids = Identifiers(recipe: recipe, image: image.name)
    partitions = image.layout(on: architecture)
  }

  /// The root, which a recipe's checks make sure of.
  var root: Partition { partitions.first { $0.mountPoint == "/" } ?? Partition(mount: "/") }

  var esp: String { partitions.first { $0.kind == .esp }?.mountPoint ?? "/boot/efi" }

  /// The partition that has the folder /boot.
  var boot: Partition { image.partition(of: "/boot/x", on: architecture) ?? root }

  var mountPoints: [String] { partitions.compactMap(\.mountPoint) }

  var firmware: [Grub.Firmware] { image.boot?.firmware(on: architecture) ?? [] }

  /// The UUID of a partition's file system, or for vfat its serial number.
  func uuid(of partition: Partition) -> String {
    let part = "\(partition.name) filesystem"
    return partition.content == .vfat ? ids.fatSerial(part) : ids.uuid(part)
  }

  /// What udev knows a partition by, whatever is on it.
  func partitionID(_ label: String) -> String {
    switch image.table.value {
    case .gpt: return ids.uuid("\(label) partition")
    case .mbr:
      let labels = parts.map(\.label)
      let number = (labels.firstIndex(of: label) ?? 0) + 1
      return "\(ids.signature("disk"))-\(number < 10 ? "0" : "")\(number)"
    }
  }

  /// How fstab and the kernel's command line name a partition's file system.
  func source(of partition: Partition) -> String {
    if partition.verity.value { return "/dev/mapper/root" }
    // squashfs has no UUID.
    return partition.content?.isReadOnly == true
      ? "PARTUUID=\(partitionID(partition.name))" : "UUID=\(uuid(of: partition))"
  }

  /// The kernel's arguments, but for the hash of a root that only the build knows
  /// (kernel-command-line(7), systemd-veritysetup-generator(8)).
  var commandLine: String {
    var arguments = ["root=\(source(of: root))", "ro"]
    if root.verity.value {
      arguments += [
        "systemd.verity_root_data=PARTUUID=\(partitionID(root.name))",
        "systemd.verity_root_hash=PARTUUID=\(partitionID(hashLabel))",
      ]
    }
    let asked = image.boot?.arguments(on: architecture) ?? ""
    return (arguments + [asked]).filter { !$0.isEmpty }.joined(separator: " ")
  }

  private var hashLabel: String { "\(root.name)-verity" }

  /// What the disk stage writes.
  var disk: Disk {
    Disk(
      file: "/\(image.name).raw", size: image.size, unit: unit, table: image.table.value,
      id: image.table.value == .gpt ? ids.uuid("disk") : ids.signature("disk"), partitions: parts,
      bios: bios, beside: besideOthers)
  }

  /// What a size that the recipe leaves open is a multiple of; nil where all formats take any.
  private var unit: ByteSize? {
    let unit = image.formats.map(\.unit.granularity).max() ?? 0
    return image.size == nil && unit > Image.alignment ? ByteSize(bytes: unit) : nil
  }

  /// Where file systems are mounted that other stages write; the root's own content is on no other anyway.
  private var besideOthers: [String] {
    partitions.filter { partition in
      switch partition.content {
      case .xfs, .btrfs: true
      case nil, .ext4, .vfat, .swap, .squashfs, .erofs: false
      }
    }.compactMap(\.mountPoint).filter { $0 != "/" }.sorted()
  }

  private var bios: Disk.BIOS? {
    guard firmware.contains(.bios) else { return nil }
    return image.boot?.loader == .syslinux ? .syslinux : .grub
  }

  private var parts: [Disk.Partition] {
    partitions.flatMap { partition -> [Disk.Partition] in
      let own = part(partition)
      guard partition.verity.value else { return [own] }
      return [
        own,
        Disk.Partition(
          id: ids.uuid("\(hashLabel) partition"), type: .rootVerity, label: hashLabel, size: nil,
          filesystem: nil, image: "/root.verity"),
      ]
    }
  }

  private func part(_ partition: Partition) -> Disk.Partition {
    var part = Disk.Partition(
      id: ids.uuid("\(partition.name) partition"), type: partition.kindInTable,
      typeID: partition.typeID?.value.lowercased(), label: partition.name,
      start: partition.start?.value, size: size(of: partition),
      filesystem: nil)
    switch partition.content {
    case nil: break
    case .ext4: part.filesystem = filesystem(.ext4, partition)
    case .vfat: part.filesystem = filesystem(.vfat, partition)
    case .swap: part.filesystem = filesystem(.swap, partition)
    case .xfs, .btrfs: part.image = file(of: partition)
    case .squashfs, .erofs: part.image = "/root.image"
    }
    return part
  }

  private func filesystem(_ type: Disk.Filesystem.Kind, _ partition: Partition) -> Disk.Filesystem {
    Disk.Filesystem(
      type: type, uuid: uuid(of: partition), label: label(of: partition),
      mountPoint: type == .swap ? nil : partition.mountPoint)
  }

  /// What a partition's file system is called: its label, or of the name that its mount point gives as much as its
  /// type allows.
  private func label(of partition: Partition) -> String {
    switch partition.content {
    case .vfat: String(partition.name.uppercased().filter { $0 != "." }.prefix(11))
    case .xfs: String(partition.name.prefix(12))
    default: partition.label?.value ?? String(partition.name.prefix(15))
    }
  }

  private func size(of partition: Partition) -> ByteSize? {
    guard case .fixed(let size) = partition.room(beside: image.boot?.loader) else { return nil }
    return size
  }
}

extension DiskPlan {
  /// Stages that write file systems which need a file of their own.
  ///
  /// - Parameter system: The pipeline that has the tree.
  /// - Returns: A stage for each of them.
  func filesystems(from system: String) -> [Step] {
    let others = mountPoints
    return partitions.compactMap { partition -> Step? in
      let beside = others.filter { $0 != partition.mountPoint }
      switch partition.content {
      case .xfs:
        let stage = Xfs(
          file: file(of: partition), size: size(of: partition) ?? rest(for: partition),
          uuid: uuid(of: partition), label: label(of: partition), mountPoint: partition.mountPoint,
          beside: beside)
        return Step(stage, ["tree": .pipeline(system)])
      case .btrfs:
        let stage = Btrfs(
          file: file(of: partition), size: size(of: partition) ?? rest(for: partition),
          uuid: uuid(of: partition), deviceUUID: ids.uuid("\(partition.name) device"),
          label: label(of: partition), mountPoint: partition.mountPoint, beside: beside,
          subvolumes: subvolumes(of: partition))
        return Step(stage, ["tree": .pipeline(system)])
      case .squashfs, .erofs:
        let verity = RootImage.Verity(
          uuid: ids.uuid("\(hashLabel) filesystem"), salt: ids.salt("\(hashLabel) salt"))
        let stage = RootImage(
          type: partition.content == .erofs ? .erofs : .squashfs, uuid: uuid(of: partition),
          beside: beside, verity: partition.verity.value ? verity : nil)
        return Step(stage, ["tree": .pipeline(system)])
      case nil, .ext4, .vfat, .swap: return nil
      }
    }
  }

  /// Its subvolumes, as paths from the file system's root.
  private func subvolumes(of partition: Partition) -> [String] {
    let root = (partition.mountPoint ?? "").parts(at: "/").count
    return partition.subvolumes.map {
      $0.value.parts(at: "/").dropFirst(root).joined(separator: "/")
    }.sorted()
  }

  /// The path of a finished file system.
  private func file(of partition: Partition) -> String {
    "/\(partition.name).\(partition.content?.rawValue ?? "")"
  }

  /// What a disk of a given size has left for its last partition; nil where only the build knows.
  private func rest(for partition: Partition) -> ByteSize? {
    guard let size = image.size, partition == partitions.last else { return nil }
    var end = Image.alignment
    for before in partitions.dropLast() {
      guard let size = self.size(of: before) else { return nil }
      end = (before.start?.value.bytes ?? end) + size.bytes
    }
    end = partition.start?.value.bytes ?? end
    let tail = image.table.value == .gpt ? Image.alignment : 0
    return ByteSize(bytes: size.bytes - tail - end)
  }
}

extension Partition {
  fileprivate var kindInTable: Disk.Partition.Kind {
    switch kind {
    case .biosBoot: .biosBoot
    case .esp: .esp
    case .boot: .boot
    case .root: .root
    case .home: .home
    case .srv: .srv
    case .var: .var
    case .swap: .swap
    case .linux: content == .vfat ? .data : .linux
    }
  }
}
