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

  init(of disk: Disk, contents: [Content?]) throws(Failure) {
    let unit = Self.alignment
    var extents: [Extent] = []
    var end = unit
    for (index, partition) in disk.partitions.enumerated() {
      let wanted: Int
      if let size = partition.size {
        wanted = size.bytes
      } else if let size = disk.size {
        wanted = max(unit, (size.bytes - unit) / unit * unit - end)
      } else {
        wanted = contents[index]?.comfortableSize ?? unit
      }
      let size = (wanted + unit - 1) / unit * unit
      extents.append(Extent(start: end, size: size))
      end += size
    }
    self.extents = extents
    size = disk.size?.bytes ?? end + unit
    guard end + unit <= size else {
      throw Failure(
        "fit", "the partitions on the disk",
        cause: "the disk has \(size.mebibytes), they need \((end + unit).mebibytes)",
        remedy: "make the disk larger by \((end + unit - size).mebibytes), or leave its size out")
    }
    for (index, content) in contents.enumerated() {
      guard let content, let filesystem = disk.partitions[index].filesystem else { continue }
      let missing =
        content.leastSize(on: filesystem.type, of: extents[index].size)
        - extents[index].size
      guard missing <= 0 else {
        throw Failure(
          "fit", "\(filesystem.mountPoint) on the partition '\(disk.partitions[index].label)'",
          cause: "the partition has \(extents[index].size.mebibytes), and at least "
            + "\(missing.mebibytes) more are needed",
          remedy: "make the partition larger, or leave its size out")
      }
    }
  }

  /// Writes the partition table into the file `image`.
  func writeTable(to image: String, for disk: Disk, on architecture: Architecture) throws(Failure) {
    let sector = 512
    var script = """
      label: gpt
      label-id: \(disk.id.uppercased())
      unit: sectors
      sector-size: \(sector)
      first-lba: 2048

      """
    for (partition, extent) in zip(disk.partitions, extents) {
      script +=
        "start=\(extent.start / sector), size=\(extent.size / sector), "
        + "type=\(partition.type.guid(on: architecture)), uuid=\(partition.id.uppercased()), "
        + "name=\"\(partition.label)\"\n"
    }
    try Command(
      ["sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", image], input: Array(script.utf8)
    ).runLogged()
  }
}

extension Content {
  /// What a file system gets whose size nobody says: its content, a quarter more, and 128 MiB.
  fileprivate var comfortableSize: Int { bytes + bytes / 4 + 128 << 20 }

  /// The least room that can hold it, on a partition of `size` bytes.
  fileprivate func leastSize(on type: Disk.Filesystem.Kind, of size: Int) -> Int {
    switch type {
    case .vfat: bytes
    case .ext4: bytes + Ext4.inodeTable(for: inodes, in: size) + Ext4.journal(in: size)
    }
  }
}

extension Disk.Partition.Kind {
  /// The type's GUID: UEFI's, GRUB's, and the Discoverable Partitions Specification's.
  fileprivate func guid(on architecture: Architecture) -> String {
    switch (self, architecture) {
    case (.biosBoot, _): "21686148-6449-6E6F-744E-656564454649"
    case (.esp, _): "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
    case (.root, .amd64): "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"
    case (.root, .arm64): "B921B045-1DF0-41C3-AF44-4C6F280D3FAE"
    case (.linux, _): "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
    }
  }
}

extension Int {
  /// A number of bytes for people, rounded up to MiB.
  fileprivate var mebibytes: String { "\((self + (1 << 20) - 1) >> 20) MiB" }
}
