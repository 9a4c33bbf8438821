internal import Files
internal import Glibc
internal import Model
internal import Processes
internal import StageContracts
internal import StageKit

extension Disk {
  /// Puts SYSLINUX on its file system, and the code that finds it into the disk's first sector.
  func writeSyslinux(to image: String, layout: Layout) throws(Failure) {
    guard let index = partitions.firstIndex(where: \.hasSyslinux) else {
      throw Failure(
        "install", "SYSLINUX", cause: "the disk has no file system for \(Syslinux.folder)",
        remedy: "add a vfat partition with this mount point")
    }
    let place = layout.extents[index]
    // Like mtools, which it runs, it sees a FAT of its own size in the file.
    try Command(["syslinux", "--offset", "\(place.start)", "--install", image])
      .with(environment: ["MTOOLS_SKIP_CHECK": "1"]).runLogged()
    let code = try Files.read("/usr/lib/syslinux/mbr/\(table == .gpt ? "gptmbr" : "mbr").bin")
    // What follows 440 bytes of code is the partition table.
    let file = try FileDescriptor.open(image, O_WRONLY)
    try file.write(code.prefix(440), at: 0, of: image)
  }
}

extension Disk.Partition {
  var hasSyslinux: Bool { filesystem?.mountPoint == Syslinux.folder }
}
