internal import Model
package import StageContracts
package import StageKit

@main extension Syslinux: StageBody {
  package func run(in job: borrowing Job) throws {
    let kernels = try job.bootKernels("SYSLINUX")
    var text = serial ? "serial 0 115200\n" : ""
    // A timeout of 0 would wait for ever; it counts tenths of a second.
    text += timeout == 0 ? "prompt 0\n" : "prompt 1\ntimeout \(timeout * 10)\n"
    text += "default \(kernels[0])\n"
    for kernel in kernels {
      try job.tree.write(
        "\(Self.folder)/linux-\(kernel)", try job.tree.read("/boot/vmlinuz-\(kernel)"))
      text += "label \(kernel)\n  linux /linux-\(kernel)\n"
      if job.tree.exists("/boot/initrd.img-\(kernel)") {
        try job.tree.write(
          "\(Self.folder)/initrd-\(kernel)", try job.tree.read("/boot/initrd.img-\(kernel)"))
        text += "  initrd /initrd-\(kernel)\n"
      }
      text += "  append \(commandLine)\n"
    }
    try job.tree.write("\(Self.folder)/syslinux.cfg", text)
  }
}
