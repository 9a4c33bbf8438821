internal import Model
internal import StageContracts

extension DiskPlan {
  /// What a tree needs to come up from its disk, but for the boot loader.
  ///
  /// The initramfs comes after all that goes into it.
  func bootFiles(_ own: OwnFiles, initramfs: [Step]) -> [Step] {
    [Step(Fstab(mounts: mounts, isKeeping: own.hasMounts))] + fileCopies + initramfs
  }

  /// The stages that put the boot loader's files into the tree.
  var loader: [Step] { loader(entries: nil) }

  /// The same, with the menu's entries from a file below `/boot` instead of the tree's kernels.
  func loader(entries: String?) -> [Step] {
    guard let wanted = image.boot else { return [] }
    switch wanted.loader {
    case .grub:
      return [
        Step(
          Grub(
            bootUUID: uuid(of: boot), separateBoot: boot.mountPoint != "/", firmware: firmware,
            esp: esp, commandLine: entries == nil ? commandLine : "", timeout: wanted.timeout,
            serial: commandLine.contains("console=ttyS"), entries: entries))
      ]
    case .syslinux:
      return [
        Step(
          Syslinux(
            commandLine: commandLine, timeout: wanted.timeout,
            serial: commandLine.contains("console=ttyS")))
      ]
    case .systemdBoot:
      let loader = SystemdBoot(
        esp: esp, commandLine: commandLine, timeout: wanted.timeout, entries: !wanted.isUnified)
      return [Step(loader)]
        + (wanted.isUnified ? [Step(UnifiedKernel(esp: esp, commandLine: commandLine))] : [])
    }
  }
}
