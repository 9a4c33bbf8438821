internal import Model
internal import Processes
internal import StageContracts
internal import StageKit

extension Disk {
  /// Makes a FAT file system with its content right in its place of the image.
  func writeVfat(
    _ filesystem: Filesystem, _ content: Content?, at place: Layout.Extent, in image: String
  ) throws(Failure) {
    // `--invariant` would set a serial number of its own; times come from SOURCE_DATE_EPOCH.
    // Firmware wants FAT32 on a disk, and that is what 65525 clusters or more mean.
    let width = place.size >= 33 << 20 ? "32" : "16"
    let sectorsPerCluster = place.size <= 260 << 20 ? "1" : "8"
    try Command([
      "mkfs.vfat", "-F", width, "-s", sectorsPerCluster, "-i", filesystem.uuid.filter { $0 != "-" },
      "-n", filesystem.label,
      "--offset", "\(place.start / 512)", image, "\(place.size / 1024)",
    ]).runLogged()
    guard let content else { return }
    let target = "\(image)@@\(place.start)"
    var names = VfatNames()
    for entry in content.walk.entries {
      guard let path = ByteString(entry.path).text else {
        throw Failure(
          "copy", "\(filesystem.mountPoint ?? "")/\(ByteString(entry.path).shown)",
          cause: "its name is not UTF-8, which FAT requires",
          remedy: "rename it in a script module")
      }
      if let cause = names.flaw(of: path) {
        throw Failure(
          "copy", "\(filesystem.mountPoint ?? "")/\(shown(path))", cause: cause,
          remedy: "rename or remove it in a script module")
      }
      let source = String(decoding: content.walk.whole(entry.path), as: UTF8.self)
      if entry.isDirectory {
        try mtool(["mmd", "-i", target, "::\(path)"])
      } else if entry.isRegular {
        try mtool(["mcopy", "-i", target, source, "::\(path)"])
      } else {
        throw Failure(
          "copy", "\(filesystem.mountPoint ?? "")/\(path)",
          cause: "FAT can store only files and directories",
          remedy: "remove it in a script module")
      }
    }
  }

  private func mtool(_ arguments: [String]) throws(Failure) {
    // The check wants a geometry that fits old drives.
    try Command(arguments).with(environment: ["MTOOLS_SKIP_CHECK": "1"]).runLogged()
  }
}
