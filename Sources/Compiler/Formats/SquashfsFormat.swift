internal import Model
internal import StageContracts

struct SquashfsFormat: ImageFormat {
  let name = "squashfs"
  let summary = "The files as a compressed, read-only file system, the smallest one."
  let content = Image.Content.tree
  var settings: (any FormatSettings.Type)? { Settings.self }

  struct Settings: FormatSettings {
    var compression = Squashfs.Compression.zstd

    static let key = "squashfs"
    static let summary =
      "Settings for the format squashfs, and for the squashfs file system in an iso."
    static let schema = Schema<Self>.object(
      Field(
        "compression", { $0.compression }, .choice(of: [.zstd, .xz, .gzip, .lz4]) { $0.rawValue },
        default: .zstd, "The compression method."),
      make: { Settings(compression: $0) })
  }

  func pipelines(_ work: FormatWork) -> [Draft] { [draft(work.file(self), of: work.tree, work)] }

  /// A pipeline that makes the file, perhaps for another format.
  func draft(_ name: String, of tree: String, _ work: FormatWork) -> Draft {
    let stage = Squashfs(
      file: "/\(work.file(self))", compression: work.settings(Settings.self).compression)
    return work.draft(name, Step(stage, ["tree": .pipeline(tree)]))
  }
}
