internal import Model
internal import StageContracts

struct OVAFormat: ImageFormat {
  let name = "ova"
  let summary = "A machine for VMware and VirtualBox to import: a disk and its description."
  let content = Image.Content.disk
  var settings: (any FormatSettings.Type)? { Settings.self }

  struct Settings: FormatSettings {
    var memory = ByteSize(bytes: 1 << 30)
    var processors = 1

    static let key = "ova"
    static let summary = "The machine that the format ova describes."
    static let schema = Schema<Self>.object(
      Field(
        "memory", { $0.memory },
        ByteSize.schema.refusing { size in
          size.bytes > 0 && size.bytes % (1 << 20) == 0
            ? nil : ("the memory size \(size) is not a whole number of MiB", "use MiB or GiB")
        }, default: ByteSize(bytes: 1 << 30), "The memory of the machine."),
      Field(
        "processors", { $0.processors }, .integer(1...256), default: 1,
        "The number of processors of the machine."),
      make: { Settings(memory: $0, processors: $1) })
  }

  func pipelines(_ work: FormatWork) -> [Draft] {
    // Of the vmdk that is an output itself, where that is of the same kind.
    let vmdk = VMDKFormat()
    let isShared = vmdk.isStream(work)
    let packed = isShared ? work.file(vmdk) : "\(work.file(self)).vmdk"
    let name = work.image.name
    let firmware =
      work.image.boot?.firmware(on: work.architecture) ?? work.architecture.firmware
    let settings = work.settings(Settings.self)
    let stage = OVA(
      source: "/\(name).vmdk", raw: "/\(work.disk)", file: "/\(work.file(self))", title: name,
      memory: settings.memory, processors: settings.processors,
      firmware: firmware.contains(.bios) ? .bios : .uefi)
    let inputs: [String: Input] = ["disk": .pipeline(packed), "raw": .pipeline(work.disk)]
    return [
      compressedDisk(.vmdk, in: packed, work), work.draft(work.file(self), Step(stage, inputs)),
    ]
  }
}
