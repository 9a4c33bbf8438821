internal import Files
internal import Model
internal import Processes
internal import StageContracts
internal import StageKit

extension Grub {
  /// For BIOS: GRUB's modules, and the two images that are written outside of any file system.
  func installBIOS(in job: borrowing Job) throws(Failure) {
    let source = "/usr/lib/grub/i386-pc"
    let folder = "/boot/grub/i386-pc"
    guard job.architecture == .amd64 else {
      throw Failure(
        "set up", "GRUB for BIOS", cause: "\(job.architecture.rawValue) machines have no BIOS",
        remedy: "use firmware: [uefi]")
    }
    for name in try Files.names(in: source)
    where name.hasSuffix(".mod") || name.hasSuffix(".lst") || name == "boot.img" {
      try job.tree.write("\(folder)/\(name)", try Files.read("\(source)/\(name)"))
    }
    let early = try FileDescriptor.inMemory(
      Array("search.fs_uuid \(bootUUID) root\nset prefix=($root)'\(bootFolder)/grub'\n".utf8))
    let modules = [
      "biosdisk", "btrfs", "configfile", "ext2", "fat", "normal", "part_gpt", "part_msdos",
      "search_fs_uuid", "xfs",
    ]
    let image = try Command(
      [
        "grub-mkimage", "--directory", source, "--format", "i386-pc", "--prefix", "/boot/grub",
        "--config", "/proc/self/fd/3", "--compression", "auto",
      ] + modules, descriptors: [3: early.raw]
    ).runChecked()
    try job.tree.write("\(folder)/core.img", image.output)
  }

  /// For UEFI: what Debian signed, at the path that firmware looks at on any disk.
  ///
  /// The signed GRUB reads the file beside it in `EFI/debian`, which leads to the menu.
  func installUEFI(in job: borrowing Job) throws(Failure) {
    let (short, target) =
      switch job.architecture {
      case .amd64: ("x64", "x86_64-efi")
      case .arm64: ("aa64", "arm64-efi")
      }
    let folder = "/usr/lib/grub/\(target)-signed"
    // The fallback loader is left out: without its own list of boot entries it resets for ever.
    let copies = [
      ("/usr/lib/shim/shim\(short).efi.signed", "BOOT\(short.uppercased()).EFI"),
      ("/usr/lib/shim/mm\(short).efi.signed", "mm\(short).efi"),
      ("\(folder)/grub\(short).efi.signed", "grub\(short).efi"),
    ]
    for (source, name) in copies {
      try job.tree.write("\(esp)/EFI/BOOT/\(name)", try Files.read(source))
    }
    // The system's package of GRUB updates the loader where it finds such a file.
    if job.tree.exists("/usr/sbin/grub-install"), !firmware.contains(.bios) {
      try job.tree.write(
        "/boot/grub/\(target)/core.efi", try Files.read("\(folder)/grub\(short).efi.signed"))
    }
    try job.tree.write(
      "\(esp)/EFI/debian/grub.cfg",
      """
      search.fs_uuid \(bootUUID) root
      set prefix=($root)'\(bootFolder)/grub'
      configfile $prefix/grub.cfg

      """)
  }
}
