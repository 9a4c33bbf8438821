internal import Model
internal import StageContracts

struct EROFSFormat: ImageFormat {
  let name = "erofs"
  let summary = "The files as a read-only file system that is quick to read at random places."
  let content = Image.Content.tree
  var settings: (any FormatSettings.Type)? { Settings.self }

  struct Settings: FormatSettings {
    var compression = EROFS.Compression.lz4hc

    static let key = "erofs"
    static let summary = "Settings for the format erofs."
    static let schema = Schema<Self>.object(
      Field(
        "compression", { $0.compression }, .choice(of: [.lz4hc, .zstd, .none]) { $0.rawValue },
        default: .lz4hc, "The compression method."),
      make: { Settings(compression: $0) })
  }

  func pipelines(_ work: FormatWork) -> [Draft] {
    let stage = EROFS(
      file: "/\(work.file(self))", compression: work.settings(Settings.self).compression,
      uuid: work.ids.uuid("erofs filesystem"))
    return [work.draft(work.file(self), Step(stage, ["tree": .pipeline(work.tree)]))]
  }
}
