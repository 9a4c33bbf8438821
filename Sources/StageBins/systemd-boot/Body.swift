internal import Files
internal import Model
package import StageContracts
package import StageKit

@main extension SystemdBoot: StageBody {
  package func run(in job: borrowing Job) throws {
    // The shim, which Microsoft signed, starts the file beside it that Debian signed; without Secure
    // Boot it does the same.
    let short = job.architecture == .amd64 ? "x64" : "aa64"
    let copies = [
      ("/usr/lib/shim/shim\(short).efi.signed", "BOOT\(short.uppercased()).EFI"),
      ("/usr/lib/systemd/boot/efi/systemd-boot\(short).efi.signed", "grub\(short).efi"),
    ]
    for (source, name) in copies {
      try job.tree.write("\(esp)/EFI/BOOT/\(name)", try Files.read(source))
    }
    try job.tree.write("\(esp)/loader/loader.conf", "timeout \(timeout)\n")
    guard entries else { return }
    let kernels = try job.bootKernels("systemd-boot")
    let arguments = try job.withRootHash(commandLine)
    for kernel in kernels {
      let folder = "/debian/\(kernel)"
      try job.tree.write("\(esp)\(folder)/linux", try job.tree.read("/boot/vmlinuz-\(kernel)"))
      // boot loader specification, "Type #1"
      var entry = """
        title \(job.tree.systemName)
        version \(kernel)
        sort-key debian
        linux \(folder)/linux

        """
      if job.tree.exists("/boot/initrd.img-\(kernel)") {
        try job.tree.write(
          "\(esp)\(folder)/initrd.img", try job.tree.read("/boot/initrd.img-\(kernel)"))
        entry += "initrd \(folder)/initrd.img\n"
      }
      try job.tree.write("\(esp)/loader/entries/\(kernel).conf", entry + "options \(arguments)\n")
    }
  }
}
