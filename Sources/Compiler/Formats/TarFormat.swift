internal import Model
internal import StageContracts

struct TarFormat: ImageFormat {
  private let compression: TarArchive.Compression

  init(_ compression: TarArchive.Compression) { self.compression = compression }

  var name: String {
    switch compression {
    case .none: "tar"
    case .gzip: "tar.gz"
    case .zstd: "tar.zst"
    case .xz: "tar.xz"
    }
  }

  var summary: String {
    switch compression {
    case .none: "The files as an archive, for chroots, containers and other tools."
    case .gzip: "The archive compressed with gzip, which everything reads."
    case .zstd: "The archive compressed with zstd, which is quick to unpack."
    case .xz: "The archive compressed with xz, which is small."
    }
  }

  let content = Image.Content.tree

  func pipelines(_ work: FormatWork) -> [Draft] { [archive(compression, of: work.tree, work)] }
}

extension ImageFormat {
  /// A pipeline that packs a tree.
  func archive(_ compression: TarArchive.Compression, of tree: String, _ work: FormatWork) -> Draft
  {
    let file = work.file(self)
    let step = Step(
      TarArchive(file: "/\(file)", compression: compression), ["tree": .pipeline(tree)])
    return Draft(file, build: compression == .none ? nil : "build", [step])
  }
}
