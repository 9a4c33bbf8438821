internal import Model
internal import StageContracts

struct VMDKFormat: ImageFormat {
  let name = "vmdk"
  let summary = "A disk for VMware, and with 'stream-optimised' for uploads to it."
  let content = Image.Content.disk
  var settings: (any FormatSettings.Type)? { Settings.self }

  struct Settings: FormatSettings {
    var variant = Variant.sparse

    enum Variant: String, Sendable, CaseIterable {
      case sparse = "monolithic-sparse"
      case stream = "stream-optimised"
    }

    static let key = "vmdk"
    static let summary = "Settings for the format vmdk."
    static let schema = Schema<Self>.object(
      Field(
        "variant", { $0.variant }, .choice, default: .sparse,
        "The kind of VMDK: monolithic-sparse to run it, stream-optimised (compressed) to upload it."
      ),
      make: { Settings(variant: $0) })
  }

  func pipelines(_ work: FormatWork) -> [Draft] {
    isStream(work) ? [compressedDisk(.vmdk, in: work.file(self), work)] : [virtualDisk(.vmdk, work)]
  }

  /// Whether the image has the stream-optimised kind.
  func isStream(_ work: FormatWork) -> Bool {
    work.image.has(self) && work.settings(Settings.self).variant == .stream
  }
}
