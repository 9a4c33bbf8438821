internal import Model

struct RawFormat: ImageFormat {
  let name = "raw"
  let summary = "The disk itself, byte by byte, for writing to a drive and for clouds that take it."
  let content = Image.Content.disk

  /// It is what the other formats of a disk are made of.
  func pipelines(_ work: FormatWork) -> [Draft] { [] }
}
