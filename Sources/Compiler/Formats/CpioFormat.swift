internal import Model
internal import StageContracts

struct CpioFormat: ImageFormat {
  let name = "cpio"
  let summary = "The files as an initramfs, to run a whole system from memory."
  let content = Image.Content.tree

  func pipelines(_ work: FormatWork) -> [Draft] {
    let file = work.file(self)
    return [Draft(file, [Step(Cpio(file: "/\(file)"), ["tree": .pipeline(work.tree)])])]
  }
}
