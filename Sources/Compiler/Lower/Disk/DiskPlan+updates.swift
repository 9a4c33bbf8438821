internal import Model
internal import StageContracts

extension DiskPlan {
  /// The disk by a name that it has on every machine, which a rule for udev gives it.
  static let bootDisk = "/dev/disk/by-id/boot-disk"

  /// What a running system makes the boot loader's menu of, and installs the loader by, with what the recipe
  /// says.
  var updateFiles: [PlacedFile] {
    guard let boot = image.boot, image.isUpdated(on: architecture) else { return [] }
    switch boot.loader {
    case .grub: return grubFiles(boot)
    case .systemdBoot: return kernelInstallFiles(boot)
    case .syslinux: return syslinuxFiles(boot)
    }
  }

  /// The settings of update-grub (grub-mkconfig, "Simple configuration" in GRUB's manual).
  private func grubFiles(_ boot: Image.Boot) -> [PlacedFile] {
    let arguments = KernelArguments(boot.arguments(on: architecture)).inGRUB
    let isSerial = arguments.contains("console=ttyS")
    var settings = [
      ("GRUB_CMDLINE_LINUX", arguments), ("GRUB_CMDLINE_LINUX_DEFAULT", ""),
      ("GRUB_TIMEOUT", "\(boot.timeout)"),
      ("GRUB_TERMINAL", isSerial ? "console serial" : "console"),
      // The signed loader reads its settings from the folder of this name.
      ("GRUB_DISTRIBUTOR", "Debian"), ("GRUB_DISABLE_OS_PROBER", "true"),
    ]
    if isSerial { settings.append(("GRUB_SERIAL_COMMAND", "serial --unit=0 --speed=115200")) }
    let text =
      "# The settings of the recipe that this system was built from. A file that comes later in this\n"
      + "# folder changes them; run update-grub afterwards.\n"
      + settings.map { "\($0.0)=\(shellWord($0.1))\n" }.joined()
    return [PlacedFile("/etc/default/grub.d/10-particle.cfg", text)] + loaderFiles
  }

  /// What the package of GRUB for this firmware waits for before it installs the loader.
  private var loaderFiles: [PlacedFile] {
    if firmware == [.bios] {
      let rule =
        "SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"disk\", ENV{ID_PART_TABLE_UUID}==\"\(disk.id)\","
        + " SYMLINK+=\"\(Self.bootDisk.dropFirst("/dev/".count))\"\n"
      return [PlacedFile("/etc/udev/rules.d/70-boot-disk.rules", rule)]
    }
    guard firmware.contains(.bios), esp == Image.usualESP else { return [] }
    return [PlacedFile("/etc/grub.d/enable_cloud", "")]
  }

  /// Debian has no hook for SYSLINUX: this is one.
  private func syslinuxFiles(_ boot: Image.Boot) -> [PlacedFile] {
    let isSerial = commandLine.contains("console=ttyS")
    let settings =
      "# The settings of the recipe that this system was built from; after a change run\n"
      + "# \(Syslinux.menuProgram).\nARGUMENTS=\(shellWord(commandLine))\n"
      + "TIMEOUT=\(boot.timeout)\nSERIAL=\(isSerial ? "yes" : "no")\n"
    let hook = "#!/bin/sh\nexec \(Syslinux.menuProgram) >&2\n"
    let hooks = [
      "/etc/kernel/postinst.d/zz-syslinux", "/etc/kernel/postrm.d/zz-syslinux",
      "/etc/initramfs/post-update.d/syslinux",
    ]
    return [
      PlacedFile("/etc/default/syslinux", settings),
      PlacedFile(Syslinux.menuProgram, Syslinux.menuText, mode: 0o755),
    ] + hooks.map { PlacedFile($0, hook, mode: 0o755) }
  }

  /// The settings of kernel-install(8): the layout that the image has already.
  private func kernelInstallFiles(_ boot: Image.Boot) -> [PlacedFile] {
    var layout = "layout=\(boot.isUnified ? "uki" : "bls")\n"
    if boot.isUnified { layout += "uki_generator=ukify\n" }
    return [
      PlacedFile("/etc/kernel/cmdline", commandLine + "\n"),
      PlacedFile("/etc/kernel/entry-token", SystemdBoot.entryToken + "\n"),
      PlacedFile("/etc/kernel/install.conf", layout),
    ]
  }
}
