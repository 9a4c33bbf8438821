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
    for kernel in try job.bootKernels("a unified kernel image") {
      var command = [
        "ukify", "build", "--linux", job.tree.outside("/boot/vmlinuz-\(kernel)"), "--cmdline",
        arguments, "--uname", kernel, "--os-release", "@" + job.tree.outside("/usr/lib/os-release"),
        "--efi-arch", short, "--stub", "/usr/lib/systemd/boot/efi/linux\(short).efi.stub",
        "--output", job.tree.outside("\(folder)/\(kernel).efi"),
      ]
      let initramfs = "/boot/initrd.img-\(kernel)"
      if job.tree.exists(initramfs) { command += ["--initrd", job.tree.outside(initramfs)] }
      try Command(command).runLogged()
    }
  }
}
