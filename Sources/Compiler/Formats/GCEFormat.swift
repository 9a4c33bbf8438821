internal import Model
internal import StageContracts

struct GCEFormat: ImageFormat {
  let name = "gce"
  let ending = "gce.tar.gz"
  let summary = "A disk for Google Compute Engine to import: a whole number of GiB, packed."
  let content = Image.Content.disk
  let granularity = GCEImage.unit

  func check(_ image: Image.Written, at mark: Mark?, _ problems: inout Problems) {
    guard let size = image.size, case .fixed(let fixed) = size.value,
      fixed.bytes % granularity != 0
    else { return }
    problems.report(
      "a disk of \(fixed) cannot be imported by Google Compute Engine: it is not a whole number of GiB",
      at: size.mark,
      remedy: "use \(fixed.bytes / granularity + 1)GiB, or leave out 'size'")
  }

  func pipelines(_ work: FormatWork) -> [Draft] {
    let stage = GCEImage(source: "/\(work.disk)", file: "/\(work.file(self))")
    return [work.draft(work.file(self), Step(stage, ["disk": .pipeline(work.disk)]))]
  }
}
