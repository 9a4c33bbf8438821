internal import Files
internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension LiveISO: StageBody {
  package func run(in job: borrowing Job) throws {
    let system = try Tree(root: try job.input("tree"))
    guard let kernel = try system.kernels().first else {
      throw Failure(
        "make", "a live system", cause: "the tree has no kernel in /boot",
        remedy: "install a kernel: the package linux-image-\(job.architecture.rawValue)")
    }
    // What is on the medium beside the large files, which xorriso takes from where they are.
    let folder = "/.iso"
    try writeMenu(in: job.tree, folder, system: system)
    if firmware.contains(.bios) { try writeBIOS(in: job.tree, folder) }
    if firmware.contains(.uefi) { try writeUEFI(in: job, folder) }

    let initramfs = "/boot/initrd.img-\(kernel)"
    guard system.exists(initramfs) else {
      throw Failure(
        "make", "a live system", cause: "the tree has no \(initramfs)",
        remedy: "install the package initramfs-tools")
    }
    let large = [
      "/live/filesystem.squashfs=\(try job.input("squashfs"))\(source)",
      "/live/vmlinuz=\(system.outside("/boot/vmlinuz-\(kernel)"))",
      "/live/initrd.img=\(system.outside(initramfs))",
    ]
    let command = Command(
      ["xorriso", "-as", "mkisofs", "-quiet", "-o", job.tree.outside(file), "-V", label]
        + ["-iso-level", "3", "-rational-rock", "-joliet", "-graft-points"]
        + ["--set_all_file_dates", "=\(job.epoch.seconds)"]
        + ["--modification-date=\(job.epoch.digits)00", "--gpt_disk_guid", hexadecimal(id)]
        + bootOptions(beside: job.tree.outside(folder)) + large + [job.tree.outside(folder) + "/cd"]
    )
    try command.with(environment: ["SOURCE_DATE_EPOCH": "\(job.epoch.seconds)"]).runLogged()
    try job.tree.remove(folder)
  }

  /// El Torito for a DVD, a partition table for a USB stick (xorrisofs(1), "Bootable ISO images").
  private func bootOptions(beside folder: String) -> [String] {
    var options: [String] = []
    if firmware.contains(.bios) {
      options += [
        "--grub2-mbr", "/usr/lib/grub/i386-pc/boot_hybrid.img", "-c", "boot.cat",
        "--boot-catalog-hide", "-b", "boot/grub/eltorito.img", "-no-emul-boot",
        "-boot-load-size", "4", "-boot-info-table", "--grub2-boot-info",
      ]
    }
    if firmware.contains(.uefi) {
      options += ["-partition_offset", "16"]
      // The type is the EFI system partition's.
      options += [
        "-appended_part_as_gpt", "-append_partition", "2", "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
        "\(folder)/efi.img",
      ]
      if firmware.contains(.bios) { options.append("-eltorito-alt-boot") }
      options += ["-e", "--interval:appended_partition_2:all::", "-no-emul-boot"]
    }
    return options
  }

  private func hexadecimal(_ uuid: String) -> String { uuid.filter { $0 != "-" } }
}

extension Timestamp {
  /// `20260912000000`.
  fileprivate var digits: String { description.filter(\.isNumber) }
}
