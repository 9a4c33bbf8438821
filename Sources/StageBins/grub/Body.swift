internal import Model
package import StageContracts
package import StageKit

@main extension Grub: StageBody {
  package func run(in job: borrowing Job) throws {
    let written =
      if let entries {
        "source ($root)\(bootFolder)/\(entries)\n"
      } else {
        try kernelEntries(try job.bootKernels("GRUB"), in: job.tree)
      }
    try job.tree.write("/boot/grub/grub.cfg", menu + written)
    for firmware in firmware {
      switch firmware {
      case .bios: try installBIOS(in: job)
      case .uefi: try installUEFI(in: job)
      }
    }
  }
}
