internal import Model
internal import StageContracts

/// What the EFI system partition holds is a few megabytes; FAT32 wants at least 32 MiB.
private let espSize = ByteSize(bytes: 64 << 20)
/// Room for GRUB's core image, as the GRUB manual ("BIOS installation") advises.
private let biosBootSize = ByteSize(bytes: 1 << 20)

/// The pipelines of one image: the system as it is on that disk, the disk, and its other formats.
func image(
  _ recipe: Recipe, _ image: Image, hasKernel: Bool, on architecture: Architecture
) -> [Draft] {
  let boot = image.boot.map { Boot($0, on: architecture) }
  let ids = Identifiers(recipe: recipe.name, image: image.name)
  let system = "\(image.name).system"
  let raw = "\(image.name).raw"
  let drafts = [
    Draft(system, build: "build", base: "os", bootFiles(boot, ids, hasKernel: hasKernel)),
    Draft(raw, build: "build", [Step(disk(image, boot, ids), ["tree": .pipeline(system)])]),
  ]
  return drafts + diskFormats(image, recipe, on: architecture)
}

/// What a tree needs to come up from its disk.
///
/// The initramfs comes after all that goes into it.
private func bootFiles(_ boot: Boot?, _ ids: Identifiers, hasKernel: Bool) -> [Step] {
  let root = Fstab.Mount(
    source: "UUID=\(ids.uuid("root filesystem"))", target: "/", type: "ext4",
    options: "rw,relatime,errors=remount-ro", pass: 1)
  // Mounted when it is looked at: the system runs on without it.
  let esp = Fstab.Mount(
    source: "UUID=\(ids.fatSerial("esp filesystem"))", target: "/boot/efi", type: "vfat",
    options: "umask=0077,noauto,x-systemd.automount", pass: 0)
  var steps = [Step(Fstab(mounts: boot.hasESP ? [root, esp] : [root]))]
  if hasKernel { steps.append(Step(Initramfs())) }
  if let boot { steps.append(Step(grub(boot, ids))) }
  return steps + [Step(Normalise())]
}

private func grub(_ boot: Boot, _ ids: Identifiers) -> Grub {
  let uuid = ids.uuid("root filesystem")
  let arguments = ["root=UUID=\(uuid)", "ro", boot.commandLine].filter { !$0.isEmpty }
  return Grub(
    rootUUID: uuid, firmware: boot.firmware, commandLine: arguments.joined(separator: " "),
    timeout: 1, serial: boot.commandLine.contains("console=ttyS"))
}

private func disk(_ image: Image, _ boot: Boot?, _ ids: Identifiers) -> Disk {
  var partitions: [Disk.Partition] = []
  if boot.hasBIOS {
    partitions.append(
      Disk.Partition(
        id: ids.uuid("bios-boot partition"), type: .biosBoot, label: "bios", size: biosBootSize,
        filesystem: nil))
  }
  if boot.hasESP {
    let filesystem = Disk.Filesystem(
      type: .vfat, uuid: ids.fatSerial("esp filesystem"), label: "ESP", mountPoint: "/boot/efi")
    partitions.append(
      Disk.Partition(
        id: ids.uuid("esp partition"), type: .esp, label: "esp", size: espSize,
        filesystem: filesystem))
  }
  let root = Disk.Filesystem(
    type: .ext4, uuid: ids.uuid("root filesystem"), label: "root", mountPoint: "/")
  partitions.append(
    Disk.Partition(
      id: ids.uuid("root partition"), type: .root, label: "root", size: nil, filesystem: root))
  return Disk(
    file: "/\(image.name).raw", size: image.size, id: ids.uuid("disk"), partitions: partitions,
    biosBoot: boot.hasBIOS)
}

/// How an image starts on machines of one architecture.
private struct Boot {
  var firmware: [Grub.Firmware]
  var commandLine: String

  init(_ wanted: Image.Boot, on architecture: Architecture) {
    firmware = wanted.firmware?.map(\.value) ?? architecture.firmware
    commandLine = wanted.commandLine ?? architecture.usualCommandLine
  }
}

extension Boot? {
  fileprivate var hasBIOS: Bool { self?.firmware.contains(.bios) ?? false }
  fileprivate var hasESP: Bool { self?.firmware.contains(.uefi) ?? false }
}
