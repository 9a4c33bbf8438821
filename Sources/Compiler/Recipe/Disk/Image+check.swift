internal import Model
internal import StageContracts

extension Image {
  func refuseDoubles(_ problems: inout Problems) {
    let partitions = partitions ?? []
    let names = partitions.map { Located($0.name, at: $0.label?.mark ?? $0.mark) }
    let mounts = partitions.compactMap { partition in
      partition.mountPoint.map { Located($0, at: partition.mount?.mark ?? partition.mark) }
    }
    problems.refuseRepeated(mounts, "mount point") { "'\($0)'" }
    let mountsAreTwice = Set(mounts.map(\.value)).count < mounts.count
    if !mountsAreTwice { problems.refuseRepeated(names, "partition label") { "'\($0)'" } }
  }

  /// Subvolumes are folders of their own file system, each once.
  func refuseSubvolumes(on architecture: Architecture, _ problems: inout Problems) {
    for partition in partitions ?? [] where partition.content == .btrfs {
      problems.refuseRepeated(partition.subvolumes, "subvolume") { "'\($0)'" }
      for subvolume in partition.subvolumes {
        let holder = self.partition(of: subvolume.value, on: architecture)
        guard holder != partition || subvolume.value == partition.mountPoint else { continue }
        problems.report(
          "'\(subvolume.value)' is not a directory on the partition '\(partition.name)'",
          at: subvolume.mark,
          remedy:
            "name directories below \(partition.mountPoint ?? "its mount point") that are not on"
            + " another partition"
        )
      }
    }
  }

  func refuseOptionsOfUsr(_ problems: inout Problems) {
    for partition in partitions ?? [] { partition.refuseOptionsOfUsr(&problems) }
  }

  /// What grows takes the room behind it.
  func refuseGrowth(_ problems: inout Problems) {
    for partition in (partitions ?? []).dropLast() where partition.grow.value {
      problems.report(
        "the partition '\(partition.name)' has no room to grow: others follow it",
        at: partition.grow.mark, remedy: "move it to the end, or remove 'grow'")
    }
  }

  /// A table holds types of its own form, and some are what firmware or GRUB looks for.
  func refuseTypes(_ problems: inout Problems) {
    let isMBR = table.value == .mbr
    for partition in partitions ?? [] {
      guard let id = partition.typeID else { continue }
      if (id.value.utf8.count == 2) != isMBR {
        problems.report(
          "'\(id.value)' is not a partition type of \(isMBR ? "an MBR" : "a GPT")", at: id.mark,
          remedy: isMBR ? "use two hexadecimal digits, such as \"0c\"" : "use a GUID")
      }
      if [.esp, .biosBoot].contains(partition.kind), partition.type != nil {
        problems.report(
          "'type-id' cannot be combined with 'type: \(partition.kind.rawValue)': firmware or GRUB"
            + " looks for the standard identifier",
          at: id.mark, remedy: "remove 'type-id' or 'type'")
      }
    }
  }

  func refuseTable(_ problems: inout Problems) {
    guard table.value == .mbr else { return }
    let partitions = partitions ?? []
    if partitions.count > 4 {
      problems.report(
        "an MBR holds at most four partitions, but there are \(partitions.count)",
        at: partitions[4].mark, remedy: "use 'partition-table: gpt'")
    }
    for partition in partitions {
      if partition.kind == .biosBoot {
        problems.report(
          "a disk with an MBR cannot have a BIOS boot partition", at: partition.type?.mark,
          remedy: "remove it: on an MBR, GRUB is written in front of the first partition")
      }
      if partition.grow.value {
        problems.report(
          "a partition on an MBR cannot grow automatically", at: partition.grow.mark,
          remedy: "use 'partition-table: gpt', which systemd-repart can change")
      }
    }
  }

  func refuseRoot(_ problems: inout Problems) {
    guard let partitions else { return }
    guard let root = partitions.first(where: { $0.mountPoint == "/" }) else {
      problems.report(
        "no partition is mounted at /", at: partitions.first?.mark,
        remedy: "add {mount: /}")
      return
    }
    if let content = root.content, content == .vfat || content == .swap {
      problems.report(
        "\(content.rawValue) cannot be the root file system: it does not store owners, modes and"
          + " links",
        at: root.filesystem?.mark ?? root.mark, remedy: "use ext4, xfs or btrfs")
    }
    if root.content?.isReadOnly == true, boot?.loader != .systemdBoot {
      problems.report(
        "\(boot == nil ? "no boot loader is set up to" : "grub cannot") boot a read-only root",
        at: root.filesystem?.mark,
        remedy: "use 'bootloader: systemd-boot', which keeps its files on the EFI system partition")
    }
    if root.content?.isReadOnly == true, partition(of: "/boot/x", on: .amd64)?.mountPoint != "/" {
      problems.report(
        "/boot must be on the read-only root, where systemd-boot's files are copied from",
        at: partitions.first { $0.mountPoint == "/boot" }?.mark, remedy: "remove this partition")
    }
  }

  /// Reports what the boot loader lacks; whether it did.
  func refuseBoot(on architecture: Architecture, _ problems: inout Problems) -> Bool {
    guard let boot else { return false }
    let before = problems.diagnostics.count
    let firmware = boot.firmware(on: architecture)
    for asked in boot.firmware ?? [] where !boot.loader.firmware.contains(asked.value) {
      problems.report(
        "\(boot.loader.rawValue) does not support \(asked.value.rawValue.uppercased()) firmware",
        at: asked.mark,
        remedy: "use firmware: [\(boot.loader.firmware[0].rawValue)], or 'bootloader: grub'")
    }
    if firmware.isEmpty {
      problems.report(
        "\(boot.loader.rawValue) does not support \(architecture.rawValue)", at: boot.mark,
        remedy: "use grub or systemd-boot")
    }
    guard let partitions else { return problems.diagnostics.count > before }
    let kinds = partitions.map(\.kind)
    if boot.loader == .syslinux {
      let own = partitions.first { $0.mountPoint == Syslinux.folder }
      if own?.content != .vfat {
        problems.report(
          "syslinux needs its own FAT file system", at: own?.mark ?? partitions[0].mark,
          remedy: "add {mount: \(Syslinux.folder), filesystem: vfat, size: 512MiB}")
      }
    } else if firmware.contains(.bios), table.value == .gpt, !kinds.contains(.biosBoot) {
      problems.report(
        "grub needs a BIOS boot partition to boot from a GPT with BIOS firmware",
        at: partitions[0].mark,
        remedy: "add {type: bios-boot} before the others, or use firmware: [uefi]")
    }
    if firmware.contains(.uefi), !kinds.contains(.esp) {
      problems.report(
        "\(boot.loader.rawValue) needs an EFI system partition to boot with UEFI firmware",
        at: partitions[0].mark,
        remedy: boot.loader == .grub && architecture == .amd64
          ? "add {type: esp}, or use firmware: [bios]" : "add {type: esp}")
    }
    return problems.diagnostics.count > before
  }
}
