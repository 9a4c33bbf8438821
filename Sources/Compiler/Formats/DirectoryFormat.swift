internal import Model

struct DirectoryFormat: ImageFormat {
  let name = "directory"
  let summary = "The files as a directory, for systemd-nspawn and for looking at."
  let content = Image.Content.tree

  /// It is the tree itself.
  func pipelines(_ work: FormatWork) -> [Draft] { [] }

  func export(of image: Image) -> Manifest.Export {
    Manifest.Export(pipeline: image.treePipeline, path: "/")
  }
}
