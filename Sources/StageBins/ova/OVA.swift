package import Model

/// Packs a stream-optimised vmdk and a description of the machine as an OVA: a tar archive that
/// VMware and VirtualBox import (DMTF DSP0243, OVF 1.1).
///
/// Input `disk`: the tree that has the vmdk; input `raw`: the tree that has the disk itself.
package struct OVA: StageContract {
  /// The vmdk's path in the input `disk`.
  package var source: String
  /// The raw image's path in the input `raw`.
  package var raw: String
  /// The archive's path in this stage's own tree.
  package var file: String
  /// What the machine is called.
  package var title: String
  package var memory: ByteSize
  package var processors: Int
  package var firmware: Firmware

  package enum Firmware: String, Sendable, CaseIterable { case bios, uefi }

  package static let name = "ova"
  package static let version = 1
  package static let summary = "Pack a vmdk and a description of its machine as an OVA."
  package static let stance = Stance.onTree
  package static let buildPackages = ["coreutils"]
  package static let schema = Schema<Self>.object(
    Field("source", { $0.source }, .string, "The vmdk's path in the input 'disk'."),
    Field("raw", { $0.raw }, .string, "The raw image's path in the input 'raw'."),
    Field("file", { $0.file }, .string, "The archive's path."),
    Field("title", { $0.title }, .string, "The machine's name."),
    Field("memory", { $0.memory }, ByteSize.schema, "The machine's memory."),
    Field("processors", { $0.processors }, .integer(1...256), "How many processors it has."),
    Field("firmware", { $0.firmware }, .choice, "The firmware that starts it."),
    make: {
      OVA(
        source: $0, raw: $1, file: $2, title: $3, memory: $4, processors: $5, firmware: $6)
    })

  package init(
    source: String, raw: String, file: String, title: String, memory: ByteSize, processors: Int,
    firmware: Firmware
  ) {
    self.source = source
    self.raw = raw
    self.file = file
    self.title = title
    self.memory = memory
    self.processors = processors
    self.firmware = firmware
  }
}
