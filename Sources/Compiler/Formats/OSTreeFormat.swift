internal import Model

struct OSTreeFormat: ImageFormat {
  let name = "ostree"
  let summary =
    "An OSTree repository as a directory, from which machines are updated over HTTP."
  let content = Image.Content.repository

  /// The repository is what every other part of the image is made of: see `ostree`.
  func pipelines(_ work: FormatWork) -> [Draft] { [] }

  func export(of image: Image) -> Manifest.Export {
    Manifest.Export(pipeline: image.file(self), path: "/")
  }
}
