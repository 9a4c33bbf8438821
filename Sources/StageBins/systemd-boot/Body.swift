internal import Files
internal import Model
package import StageContracts
package import StageKit

@main extension SystemdBoot: StageBody {
  package func run(in job: borrowing Job) throws {
    // The shim, which Microsoft signed, starts the file beside it that Debian signed; without Secure
    // Boot it does the same.
    let short = job.architecture == .amd64 ? "x64" : "aa64"
    let loader = "/usr/lib/systemd/boot/efi/systemd-boot\(short).efi.signed"
    let copies = [
      ("/usr/lib/shim/shim\(short).efi.signed", "BOOT/BOOT\(short.uppercased()).EFI"),
      (loader, "BOOT/grub\(short).efi"),
      // Where bootctl(1) looks for it and updates it.
      (loader, "systemd/systemd-boot\(short).efi"),
    ]
    for (source, name) in copies {
      try job.tree.write("\(esp)/EFI/\(name)", try Files.read(source))
    }
    try job.tree.write("\(esp)/loader/loader.conf", "timeout \(timeout)\n")
    // Whether entries are files of text (boot loader specification, "The partitions").
    try job.tree.write("\(esp)/loader/entries.srel", "type1\n")
    guard entries else { return }
    let kernels = try job.bootKernels("systemd-boot")
    let arguments = try job.withRootHash(commandLine)
    let system = try job.tree.systemName()
    for kernel in kernels {
      // As kernel-install(8) has them, which removes them with their kernel.
      let folder = "/\(Self.entryToken)/\(kernel)"
      let initramfs = "initrd.img-\(kernel)"
      try job.tree.write("\(esp)\(folder)/linux", try job.tree.read("/boot/vmlinuz-\(kernel)"))
      // boot loader specification, "Type #1"
      var entry = """
        title \(system)
        version \(kernel)
        sort-key debian
        linux \(folder)/linux

        """
      if job.tree.exists("/boot/\(initramfs)") {
        try job.tree.write(
          "\(esp)\(folder)/\(initramfs)", try job.tree.read("/boot/\(initramfs)"))
        entry += "initrd \(folder)/\(initramfs)\n"
      }
      try job.tree.write(
        "\(esp)/loader/entries/\(Self.entryToken)-\(kernel).conf",
        entry + "options \(arguments)\n")
    }
  }
}
