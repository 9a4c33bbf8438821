internal import Model
internal import StageContracts

extension DiskPlan {
  /// What a tree needs to come up from its disk, but for the boot loader.
  ///
  /// The initramfs comes after all that goes into it.
  func bootFiles(initramfs: [Step]) -> [Step] {
    [Step(Fstab(mounts: mounts))] + fileCopies + initramfs
  }

  /// The stages that put the boot loader's files into the tree.
  var loader: [Step] {
    guard let wanted = image.boot else { return [] }
    switch wanted.loader {
    case .grub:
      return [
        Step(
          Grub(
            bootUUID: uuid(of: boot), separateBoot: boot.mountPoint != "/", firmware: firmware,
            esp: esp, commandLine: commandLine, timeout: wanted.timeout,
            serial: commandLine.contains("console=ttyS")))
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
