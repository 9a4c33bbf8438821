internal import Files
internal import Model
internal import Processes
internal import StageContracts
internal import StageKit

extension LiveISO {
  /// The menu, and the file by which Debian's signed GRUB for media finds it.
  func writeMenu(in tree: borrowing Tree, _ folder: String, system: borrowing Tree)
    throws(Failure)
  {
    var text = "set default=0\nset timeout=1\n"
    if serial {
      text += """
        if serial --unit=0 --speed=115200; then
          terminal_input console serial
          terminal_output console serial
        fi

        """
    }
    let title = try system.systemName()
    let arguments = ["boot=live", commandLine].filter { !$0.isEmpty }.joined(separator: " ")
    text += """
      search --no-floppy --file --set=root /.disk/\(id)
      menuentry '\(title)' {
        linux /live/vmlinuz \(KernelArguments(arguments).inGRUB)
        initrd /live/initrd.img
      }

      """
    try tree.write("\(folder)/cd/boot/grub/grub.cfg", text)
    try tree.write("\(folder)/cd/.disk/info", title + "\n")
    try tree.write("\(folder)/cd/.disk/\(id)", "")
  }

  /// For BIOS: GRUB with all that the menu needs in its one image.
  func writeBIOS(in tree: borrowing Tree, _ folder: String) throws(Failure) {
    let modules = [
      "biosdisk", "configfile", "echo", "iso9660", "linux", "normal", "part_gpt", "part_msdos",
      "search", "search_fs_file", "serial", "terminal", "test",
    ]
    let image = try Command(
      [
        "grub-mkimage", "--directory", "/usr/lib/grub/i386-pc", "--format", "i386-pc-eltorito",
        "--prefix", "/boot/grub", "--compression", "auto",
      ] + modules
    ).runChecked()
    try tree.write("\(folder)/cd/boot/grub/eltorito.img", image.output)
  }

  /// For UEFI: a FAT file system with what Debian signed for media.
  func writeUEFI(in job: borrowing Job, _ folder: String) throws(Failure) {
    let (short, source) =
      switch job.architecture {
      case .amd64: ("x64", "/usr/lib/grub/x86_64-efi-signed")
      case .arm64: ("aa64", "/usr/lib/grub/arm64-efi-signed")
      }
    let copies = [
      ("/usr/lib/shim/shim\(short).efi.signed", "BOOT\(short.uppercased()).EFI"),
      ("\(source)/gcd\(short).efi.signed", "grub\(short).efi"),
      ("/usr/lib/shim/mm\(short).efi.signed", "mm\(short).efi"),
    ]
    let image = job.tree.outside("\(folder)/efi.img")
    let contents = try copies.map { (file, name) throws(Failure) in (name, try Files.read(file)) }
    let size = contents.reduce(0) { $0 + $1.1.count }
    // In KiB: the files, and room for the file system's own tables, in whole MiB.
    let room = (size >> 20 + 2) << 10
    // The label's and the copies' times are those of SOURCE_DATE_EPOCH.
    let fixed: [String: String?] = [
      "SOURCE_DATE_EPOCH": "\(job.epoch.seconds)", "MTOOLS_SKIP_CHECK": "1", "TZ": "UTC",
    ]
    try Command([
      "mkfs.vfat", "-C", "-i", serialNumber.filter { $0 != "-" }, "-n", "EFI", image, "\(room)",
    ]).with(environment: fixed).runLogged()
    for path in ["EFI", "EFI/BOOT"] {
      try Command(["mmd", "-i", image, "::\(path)"]).with(environment: fixed).runLogged()
    }
    for (name, bytes) in contents {
      let path = "\(folder)/\(name)"
      try job.tree.write(path, bytes)
      try Command(["mcopy", "-i", image, job.tree.outside(path), "::EFI/BOOT/\(name)"])
        .with(environment: fixed).runLogged()
    }
  }
}
