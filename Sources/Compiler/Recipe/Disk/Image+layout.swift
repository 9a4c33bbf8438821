internal import Model
internal import StageContracts

extension Image {
  /// The partitions on machines of one architecture: as they are asked for, or what the boot
  /// loader needs and a root.
  func layout(on architecture: Architecture) -> [Partition] {
    if let partitions { return partitions }
    let firmware = boot?.firmware(on: architecture) ?? []
    var usual: [Partition] = []
    if boot?.loader == .syslinux {
      let size = ByteSize(bytes: 512 << 20)
      usual.append(
        Partition(
          label: "syslinux", type: .boot, size: .fixed(size), mount: Syslinux.folder,
          filesystem: .vfat))
    } else if firmware.contains(.bios), table.value == .gpt {
      usual.append(Partition(type: .biosBoot))
    }
    if firmware.contains(.uefi) { usual.append(Partition(type: .esp)) }
    return usual + [Partition(mount: "/")]
  }

  /// Where files of the system end up: the partition with the longest mount point above a path.
  func partition(of path: String, on architecture: Architecture) -> Partition? {
    layout(on: architecture).filter { partition in
      guard let mount = partition.mountPoint else { return false }
      return mount == "/" || path == mount || path.hasPrefix(mount + "/")
    }.max { ($0.mountPoint ?? "").utf8.count < ($1.mountPoint ?? "").utf8.count }
  }

  /// Partitions begin at whole mebibytes, the first of which is the partition table's; a GPT has
  /// its copy in the last.
  static let alignment = 1 << 20
}

extension Recipe {
  /// Reports what is wrong with the partitions of images, each being right by itself.
  func refuseBadDisks(_ problems: inout Problems) {
    for image in images.map(\.value)
    where image.partitions != nil || image.boot != nil || image.ostree != nil {
      for partition in image.partitions ?? [] { partition.refuseOddities(&problems) }
      image.refuseDoubles(&problems)
      image.refusePlaces(&problems)
      image.refuseTable(&problems)
      image.refuseTypes(&problems)
      if initramfsGenerator == .initramfsTools { image.refuseOptionsOfUsr(&problems) }
      image.refuseGrowth(&problems)
      image.refuseRoot(&problems)
      image.refuseForOSTree(&problems)
      image.refuseSubvolumes(on: architectures.first?.value ?? .amd64, &problems)
      for architecture in architectures.map(\.value)
      where image.refuseBoot(on: architecture, &problems) { break }
    }
  }
}
