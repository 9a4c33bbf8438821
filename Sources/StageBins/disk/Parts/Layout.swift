internal import Files
internal import Glibc
internal import Model
internal import Processes
internal import StageContracts
internal import StageKit

/// Where everything is on the disk, in bytes.
struct Layout {
  struct Extent: Equatable {
    var start: Int
    var size: Int
  }

  let size: Int
  let extents: [Extent]

  /// Partitions begin and end at whole mebibytes, as every partitioning tool does it; the first
  /// one is free for the partition table, and the last for its copy.
  private static let alignment = 1 << 20

  init(of disk: Disk, contents: [Content?], images: [String?]) throws(Failure) {
    let unit = Self.alignment
    // A GPT has its copy at the disk's end.
    let tail = disk.table == .gpt ? unit : 0
    var extents: [Extent] = []
    var end = unit
    for (index, partition) in disk.partitions.enumerated() {
      if let start = partition.start {
        guard start.bytes >= end, start.bytes % unit == 0 else {
          throw Failure(
            "place", "the partition '\(partition.label)' at \(start)",
            cause: "the one before it ends at \(end.mebibytes), and partitions start at whole MiB",
            remedy: "begin it at \(end.mebibytes) or later, or remove 'start'")
        }
        end = start.bytes
      }
      let wanted: Int
      if let size = partition.size {
        wanted = size.bytes
      } else if let path = images[index] {
        wanted = Int(try Files.information(path).st_size)
      } else if let size = disk.size {
        wanted = max(unit, (size.bytes - tail) / unit * unit - end)
      } else {
        wanted = contents[index]?.comfortableSize ?? unit
      }
      let size = (wanted + unit - 1) / unit * unit
      extents.append(Extent(start: end, size: size))
      end += size
    }
    self.extents = extents
    let multiple = disk.unit?.bytes ?? unit
    size = disk.size?.bytes ?? (end + tail + multiple - 1) / multiple * multiple
    guard end + tail <= size else {
      throw Failure(
        "fit", "the partitions on the disk",
        cause: "the disk has \(size.mebibytes), but they need \((end + tail).mebibytes)",
        remedy: "make the disk larger by \((end + tail - size).mebibytes), or leave its size out")
    }
    for (index, partition) in disk.partitions.enumerated() {
      let needed: Int
      if let content = contents[index], let filesystem = partition.filesystem {
        needed = content.leastSize(on: filesystem.type, of: extents[index].size)
      } else if let path = images[index] {
        needed = Int(try Files.information(path).st_size)
      } else {
        continue
      }
      let missing = needed - extents[index].size
      guard missing <= 0 else {
        let what = partition.filesystem?.mountPoint ?? partition.image ?? ""
        throw Failure(
          "fit", "\(what) on the partition '\(partition.label)'",
          cause: "the partition has \(extents[index].size.mebibytes), and at least "
            + "\(missing.mebibytes) more are needed",
          remedy: "make the partition larger, or leave its size out")
      }
    }
  }

  /// Writes the partition table into the file `image`.
  func writeTable(to image: String, for disk: Disk, on architecture: Architecture) throws(Failure) {
    let sector = 512
    let header =
      disk.table == .gpt
      ? "label: gpt\nlabel-id: \(disk.id.uppercased())\nfirst-lba: 2048\n"
      : "label: dos\nlabel-id: 0x\(disk.id)\n"
    var script = header + "unit: sectors\nsector-size: \(sector)\n"
    for (partition, extent) in zip(disk.partitions, extents) {
      script += "start=\(extent.start / sector), size=\(extent.size / sector), "
      switch disk.table {
      case .gpt:
        script +=
          "type=\(partition.guid(on: architecture)), uuid=\(partition.id.uppercased()), "
          + "name=\"\(partition.label)\""
        // This is how SYSLINUX's first sector finds its partition.
        script +=
          disk.bios == .syslinux && partition.hasSyslinux
          ? ", attrs=LegacyBIOSBootable\n" : "\n"
      case .mbr:
        // Some firmware starts only a disk with a partition that is marked active.
        let isActive =
          disk.bios == .syslinux && partition.hasSyslinux
          || disk.bios == .grub && partition.type == .root
        script += "type=\(partition.number)\(isActive ? ", bootable" : "")\n"
      }
    }
    try Command(
      ["sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", image], input: Array(script.utf8)
    ).runLogged()
  }
}

extension Content {
  /// The least room that can hold it, on a partition of `size` bytes.
  fileprivate func leastSize(on type: Disk.Filesystem.Kind, of size: Int) -> Int {
    switch type {
    case .vfat, .swap: bytes
    case .ext4: bytes + Ext4.inodeTable(for: inodes, in: size) + Ext4.journal(in: size)
    }
  }
}

extension Disk.Partition {
  /// The type as a GPT has it.
  fileprivate func guid(on architecture: Architecture) -> String {
    typeID?.uppercased() ?? type.guid(on: architecture)
  }

  /// The type as an MBR has it.
  ///
  /// Board firmware and other systems look for a FAT by its number.
  fileprivate var number: String {
    if let typeID { return typeID }
    return filesystem?.type == .vfat && type != .esp ? "c" : type.number
  }
}

extension Disk.Partition.Kind {
  /// The type's GUID: UEFI's, GRUB's, and the Discoverable Partitions Specification's.
  fileprivate func guid(on architecture: Architecture) -> String {
    switch (self, architecture) {
    case (.biosBoot, _): "21686148-6449-6E6F-744E-656564454649"
    case (.esp, _): "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
    case (.boot, _): "BC13C2FF-59E6-4262-A352-B275FD6F7172"
    case (.root, .amd64): "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"
    case (.root, .arm64): "B921B045-1DF0-41C3-AF44-4C6F280D3FAE"
    case (.rootVerity, .amd64): "2C7357ED-EBD2-46D9-AEC1-23D437EC2BF5"
    case (.rootVerity, .arm64): "DF3300CE-D69F-4C92-978C-9BFB0F38D820"
    case (.home, _): "933AC7E1-2EB4-4F13-B844-0E14E2AEF915"
    case (.srv, _): "3B8F8425-20E0-4F3B-907F-1A25A76F98E8"
    case (.var, _): "4D21B016-B534-45C2-A9FB-5C16E091FD2D"
    case (.swap, _): "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F"
    case (.linux, _): "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
    case (.data, _): "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"
    }
  }

  /// The type's number in an MBR, as sfdisk lists them.
  fileprivate var number: String {
    switch self {
    case .esp: "ef"
    case .swap: "82"
    case .data: "c"
    case .biosBoot, .boot, .root, .rootVerity, .home, .srv, .var, .linux: "83"
    }
  }
}

extension Int {
  /// A number of bytes for people, rounded up to MiB.
  fileprivate var mebibytes: String { "\((self + (1 << 20) - 1) >> 20) MiB" }
}
