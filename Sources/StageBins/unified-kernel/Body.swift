internal import Files
internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension UnifiedKernel: StageBody {
  package func run(in job: borrowing Job) throws {
    let arguments = try job.withRootHash(commandLine)
    let short = job.architecture == .amd64 ? "x64" : "aa64"
    let folder = "\(esp)/EFI/Linux"
    try job.tree.makeDirectories(folder)
    // Of a file it takes every byte; several blanks in an option become one.
    let line = "/tmp/kernel-command-line"
    try Files.write(Array(arguments.utf8), to: line)
    for kernel in try job.bootKernels("a unified kernel image") {
      var command = [
        "ukify", "build", "--linux", job.tree.outside("/boot/vmlinuz-\(kernel)"), "--cmdline",
        "@" + line, "--uname", kernel, "--os-release",
        "@" + job.tree.outside("/usr/lib/os-release"),
        "--efi-arch", short, "--stub", "/usr/lib/systemd/boot/efi/linux\(short).efi.stub",
        "--output", job.tree.outside("\(folder)/\(SystemdBoot.entryToken)-\(kernel).efi"),
      ]
      let initramfs = "/boot/initrd.img-\(kernel)"
      if job.tree.exists(initramfs) { command += ["--initrd", job.tree.outside(initramfs)] }
      try Command(command).runLogged()
    }
    try Files.removeTree(line)
  }
}
