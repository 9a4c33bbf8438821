internal import Model
internal import StageContracts

/// The pipelines of one image: the system as it is on that disk, the disk, and its other formats.
func image(
  _ recipe: Recipe, _ image: Image, _ own: OwnFiles, initramfs: [Step],
  on architecture: Architecture
) -> [Draft] {
  let plan = DiskPlan(image, of: recipe.name, on: architecture)
  let system = "\(image.name).system"
  let filesystems = "\(image.name).filesystems"
  let raw = "\(image.name).raw"
  let loader = plan.loader
  // A boot loader that has to know the hash of the root comes after the root.
  let isLate = plan.root.verity.value
  var drafts = [
    Draft(
      system, build: "build", base: "os",
      plan.bootFiles(own, initramfs: initramfs) + (isLate ? [] : loader)
        + [Step(Normalise(keep: own.kept))])
  ]
  var tree = system
  var inputs: [String: Input] = [:]
  let files = plan.filesystems(from: system)
  if !files.isEmpty {
    drafts.append(Draft(filesystems, build: "build", files))
    inputs["images"] = .pipeline(filesystems)
  }
  if isLate {
    tree = "\(image.name).boot"
    let steps = loader.map { step in
      var step = step
      step.inputs["root"] = .pipeline(filesystems)
      return step
    }
    drafts.append(Draft(tree, build: "build", base: system, steps))
  }
  inputs["tree"] = .pipeline(tree)
  drafts.append(Draft(raw, build: "build", [Step(plan.disk, inputs)]))
  return drafts
}
