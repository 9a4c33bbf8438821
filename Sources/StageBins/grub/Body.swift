internal import Model
package import StageContracts
package import StageKit

@main extension Grub: StageBody {
  package func run(in job: borrowing Job) throws {
    let kernels = try job.tree.kernels()
    guard !kernels.isEmpty else {
      throw Failure(
        "set up", "GRUB", cause: "the tree has no kernel in /boot",
        remedy: "install a kernel: the package linux-image-\(job.architecture.rawValue)")
    }
    try job.tree.write("/boot/grub/grub.cfg", menu(of: kernels, in: job.tree))
    for firmware in firmware {
      switch firmware {
      case .bios: try installBIOS(in: job)
      case .uefi: try installUEFI(in: job)
      }
    }
  }
}
