internal import Files
internal import Glibc
internal import Model
internal import StageContracts
internal import StageKit

extension Disk {
  /// Puts GRUB's first sector and its core on the disk, as grub-bios-setup does it.
  func writeBootBlocks(from system: String, to image: String, layout: Layout) throws(Failure) {
    let place = try corePlace(in: layout)
    let folder = "\(system)/boot/grub/i386-pc"
    var boot = try Files.read("\(folder)/boot.img")
    var core = try Files.read("\(folder)/core.img")
    guard boot.count == BootSector.size, core.count > BootSector.size, core.count <= place.size
    else {
      throw Failure(
        "install", "GRUB for BIOS",
        cause:
          "boot.img has \(boot.count) bytes, and core.img \(core.count) of at most \(place.size)")
    }
    let first = UInt64(place.start / BootSector.size)
    // The core's first sector loads the rest, which begins in the next one.
    core.put(first + 1, at: BootSector.coreBlockList)
    boot.put(first, at: BootSector.coreAddress)
    // Two no-ops in place of a jump: the check of the drive's number is for floppy disks only.
    boot.replaceSubrange(BootSector.driveCheck, with: [0x90, 0x90])

    let file = try FileDescriptor.open(image, O_WRONLY)
    try file.write(core[...], at: place.start, of: image)
    // What follows the code is the partition table.
    try file.write(boot[..<BootSector.codeEnd], at: 0, of: image)
  }

  /// Where the core goes: the BIOS boot partition, or what is free between an MBR and the first
  /// partition.
  private func corePlace(in layout: Layout) throws(Failure) -> Layout.Extent {
    if table == .mbr {
      let end = layout.extents.map(\.start).min() ?? layout.size
      return Layout.Extent(start: BootSector.size, size: end - BootSector.size)
    }
    guard let index = partitions.firstIndex(where: { $0.type == .biosBoot }) else {
      throw Failure(
        "install", "GRUB for BIOS", cause: "the disk has no BIOS boot partition",
        remedy: "add a partition of the type bios-boot, 1 MiB, before the others")
    }
    return layout.extents[index]
  }
}

/// Places in GRUB's boot images (`grub/i386/pc/boot.h`).
private enum BootSector {
  static let size = 512
  static let codeEnd = 0x1b8
  static let coreAddress = 0x5c
  static let driveCheck = 0x66..<0x68
  static let coreBlockList = 0x1f4
}

extension [UInt8] {
  /// Puts a number in, the least byte first.
  fileprivate mutating func put(_ number: UInt64, at position: Int) {
    for index in 0..<8 { self[position + index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
  }
}

extension FileDescriptor {
  /// Writes bytes at a place of the file `path`.
  borrowing func write(_ bytes: ArraySlice<UInt8>, at position: Int, of path: String)
    throws(Failure)
  {
    let count = bytes.withUnsafeBytes { pwrite(raw, $0.baseAddress, $0.count, off_t(position)) }
    guard count == bytes.count else { throw .system("write", path) }
  }
}
