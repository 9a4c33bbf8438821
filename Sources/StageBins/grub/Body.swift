internal import Model
package import StageContracts
package import StageKit

@main extension Grub: StageBody {
  package func run(in job: borrowing Job) throws {
    let kernels = try job.bootKernels("GRUB")
    try job.tree.write("/boot/grub/grub.cfg", menu(of: kernels, in: job.tree))
    for firmware in firmware {
      switch firmware {
      case .bios: try installBIOS(in: job)
      case .uefi: try installUEFI(in: job)
      }
    }
  }
}
