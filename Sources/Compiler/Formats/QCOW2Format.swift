internal import Model
internal import StageContracts

struct QCOW2Format: ImageFormat {
  let name = "qcow2"
  let summary = "A disk for QEMU, libvirt, Proxmox and OpenStack."
  let content = Image.Content.disk
  var settings: (any FormatSettings.Type)? { Settings.self }

  struct Settings: FormatSettings {
    var compression = Compression.none

    enum Compression: String, Sendable, CaseIterable { case none, zstd }

    static let key = "qcow2"
    static let summary = "Settings for the format qcow2."
    static let schema = Schema<Self>.object(
      Field(
        "compression", { $0.compression }, .choice, default: Compression.none,
        "Whether and how to compress the clusters."),
      make: { Settings(compression: $0) })
  }

  func pipelines(_ work: FormatWork) -> [Draft] {
    switch work.settings(Settings.self).compression {
    case .none: [virtualDisk(.qcow2, work)]
    case .zstd: [compressedDisk(.qcow2, in: work.file(self), work)]
    }
  }
}
