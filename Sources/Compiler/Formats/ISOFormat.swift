internal import Model
internal import StageContracts

struct ISOFormat: ImageFormat {
  let name = "iso"
  let summary =
    "A live system for a DVD or a USB stick, that runs from memory and keeps nothing."
  let content = Image.Content.live
  let needs = ["live-boot", "live-boot-initramfs-tools"]
  var settings: (any FormatSettings.Type)? { SquashfsFormat.Settings.self }

  /// The squashfs it runs from, which is the one that the image has as a format if that is of the same tree, and the
  /// medium.
  func pipelines(_ work: FormatWork) -> [Draft] {
    let (image, architecture, squashfs) = (work.image, work.architecture, SquashfsFormat())
    // A live system contains nothing that belongs to a disk.
    let tree = "system"
    let isShared = image.has(squashfs) && work.tree == tree
    let files = isShared ? work.file(squashfs) : "\(work.file(self)).squashfs"
    let commandLine = image.boot?.arguments(on: architecture) ?? ""
    let firmware = image.boot?.firmware(on: architecture) ?? architecture.firmware
    let label = image.name.uppercased().map { $0 == "-" ? "_" : $0 }.prefix(32)
    let stage = LiveISO(
      source: "/\(work.file(squashfs))", file: "/\(work.file(self))", label: String(label),
      id: work.ids.uuid("iso"), serialNumber: work.ids.fatSerial("iso efi filesystem"),
      firmware: firmware.map { $0 == .bios ? .bios : .uefi }, commandLine: commandLine,
      serial: commandLine.contains("console=ttyS"))
    let inputs: [String: Input] = ["tree": .pipeline(tree), "squashfs": .pipeline(files)]
    return [
      squashfs.draft(files, of: tree, work), work.draft(work.file(self), Step(stage, inputs)),
    ]
  }
}
