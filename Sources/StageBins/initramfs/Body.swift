internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension Initramfs: StageBody {
  package func run(in job: borrowing Job) throws {
    let kernels = try job.tree.kernels()
    guard !kernels.isEmpty else {
      throw Failure(
        "build", "an initramfs", cause: "the tree has no kernel in /boot",
        remedy: "install a kernel: the package linux-image-\(job.architecture.rawValue)")
    }
    guard job.tree.exists("/usr/sbin/update-initramfs") else {
      throw Failure(
        "build", "an initramfs", cause: "the tree has no /usr/sbin/update-initramfs",
        remedy: "install the package initramfs-tools")
    }
    // The scripts ask the root's device for its file system's type, and there is no device yet.
    let hint = "/etc/initramfs-tools/conf.d/root-filesystem"
    let type = try rootFilesystem(in: job.tree)
    if let type { try job.tree.write(hint, "FSTYPE=\(type)\n") }
    for kernel in kernels {
      try job.tree.remove("/boot/initrd.img-\(kernel)")
      // Package stages run with INITRD=No, so that only this stage builds one.
      try Command(["update-initramfs", "-c", "-k", kernel]).with(environment: ["INITRD": nil])
        .runLogged()
    }
    // The machine itself knows better, later.
    if type != nil { try job.tree.remove(hint) }
  }

  /// The type of the file system that /etc/fstab has for `/`; nil where it says nothing.
  private func rootFilesystem(in tree: borrowing Tree) throws(Failure) -> String? {
    guard tree.exists("/etc/fstab") else { return nil }
    for line in try tree.readText("/etc/fstab").split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }
      if words.count >= 3, !words[0].hasPrefix("#"), words[1] == "/", words[2] != "auto" {
        return String(words[2])
      }
    }
    return nil
  }
}
