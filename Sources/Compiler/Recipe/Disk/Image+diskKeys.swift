internal import Model

extension Image.Written {
  /// Reports the keys that say something of a disk, in an image that has none.
  func refuseDiskKeys(_ problems: inout Problems) {
    let isLive = formats.contains { $0.value.content == .live }
    var keys = [
      ("size", size?.mark), ("partition-table", table.mark),
      ("partitions", partitions?.first?.mark), ("unified", unified?.mark),
      ("bootloader-updates", updates?.mark),
    ]
    // A live medium boots too, and always by GRUB.
    if !isLive {
      keys += [
        ("bootloader", bootloader?.mark), ("firmware", firmware?.first?.mark),
        ("command-line", commandLine?.mark), ("console", consoles?.first?.mark),
        ("timeout", timeout?.mark),
      ]
    } else if let bootloader, bootloader.value != .grub {
      problems.report(
        "an iso can only boot with GRUB", at: bootloader.mark, remedy: "remove 'bootloader'")
    }
    let names = formats.map(\.value.name)
    var disks = formatCatalog.filter { $0.content == .disk }.map(\.name)
    let last = disks.removeLast()
    for (key, mark) in keys {
      guard let mark else { continue }
      problems.report(
        "'\(key)' has no effect for \(names.joined(separator: ", "))", at: mark,
        remedy: "remove it, or add a disk format: \(disks.joined(separator: ", ")) or \(last)"
      )
    }
  }
}
