package import Model
internal import StageContracts

/// The manifest that a recipe comes to, given what the outside world had to say.
///
/// - Parameters:
///   - recipe: The recipe.
///   - digest: Of the recipe's bytes.
///   - lock: What the outside world had to say.
///   - architecture: The machine the image is for.
/// - Returns: The manifest, complete: with every id.
package func lower(
  _ recipe: Recipe, digest: Digest, with lock: Lock, for architecture: Architecture
) -> Manifest {
  // Container images may say that they were made in the year 1, which no file system can hold.
  let epoch = recipe.epoch ?? max(lock.released, Timestamp(seconds: 0))
  let origins = Origins(recipe: recipe.baseMark?.file ?? "")
  let tools = lock.tools.map { Draft("build", [debian($0, on: architecture), Step(Normalise())]) }
  let os = Draft(
    "os",
    origins.marking(
      systemSteps(recipe, lock, on: architecture), from: recipe.baseMark, "base")
      + recipe.modules.flatMap { module in
        origins.marking(
          module.value.steps(among: recipe.modules, lock.contents), from: module.mark,
          type(of: module.value).type)
      })
  let results =
    recipe.images.isEmpty
    ? archive(recipe, initramfs: initramfsSteps(recipe, lock), lock)
    : images(recipe, lock, origins, on: architecture)
  let drafts = [tools].compactMap { $0 } + [os] + results
  let sources = drafts.flatMap(\.steps).reduce(into: downloads(of: lock)) { sources, step in
    sources.merge(step.sources) { first, _ in first }
  }
  return Manifest(
    generator: lock.resolvers.merging(["particle-compile": particleVersion]) { $1 },
    recipe: Manifest.RecipeReference(
      name: recipe.name, digest: digest, variables: recipe.variables.mapValues(\.text)),
    architecture: architecture, epoch: epoch, sources: sources,
    pipelines: identify(drafts, sources: sources, architecture: architecture, epoch: epoch),
    exports: exports(of: recipe), lock: lock.kept)
}

/// The system as one tar archive, for a recipe that asks for no image.
private func archive(_ recipe: Recipe, initramfs: [Step], _ lock: Lock) -> [Draft] {
  [
    system(initramfs: initramfs, keep: recipe.keptFiles(lock.contents)),
    Draft("tar", [Step(TarArchive(file: "/\(recipe.name).tar"), ["tree": .pipeline("system")])]),
  ]
}

/// The stage that makes the initramfs; none where there is no kernel.
private func initramfsSteps(_ recipe: Recipe, _ lock: Lock) -> [Step] {
  guard lock.system.hasKernel else { return [] }
  let modules =
    recipe.modules.all(KernelModule.self).flatMap(\.value.load)
    + recipe.modules.all(InitramfsModule.self).flatMap(\.value.modules)
  return [
    Step(
      Initramfs(
        generator: recipe.initramfsGenerator,
        modules: Set(modules).sorted()))
  ]
}

/// The system by itself, as it is on no disk.
private func system(initramfs: [Step], keep: [String]) -> Draft {
  Draft("system", base: "os", initramfs + [Step(Normalise(keep: keep))])
}

private func images(
  _ recipe: Recipe, _ lock: Lock, _ origins: Origins, on architecture: Architecture
) -> [Draft] {
  let initramfs = initramfsSteps(recipe, lock)
  let ownFiles = OwnFiles(of: recipe, lock.contents)
  let all = recipe.completeImages
  let marks = Dictionary(
    recipe.images.map { ($0.value.name, $0.mark) }, uniquingKeysWith: { first, _ in first })
  func marked(_ drafts: [Draft], _ image: Image) -> [Draft] {
    origins.marking(drafts, from: marks[image.name] ?? nil, "image \(image.name)")
  }
  var drafts: [Draft] = []
  if all.contains(where: { !$0.hasDisk && $0.ostree == nil || $0.hasLiveSystem }) {
    drafts.append(system(initramfs: initramfs, keep: ownFiles.kept))
  }
  for one in all where one.ostree != nil {
    drafts += marked(ostree(recipe, one, ownFiles, initramfs: initramfs, on: architecture), one)
  }
  for one in all where one.ostree == nil {
    var own =
      one.hasDisk ? image(recipe, one, ownFiles, initramfs: initramfs, on: architecture) : []
    own += treeFormats(one, recipe, of: one.treePipeline, lock.container?.known.process)
    if one.hasLiveSystem { own += liveFormat(one, recipe, of: "system", on: architecture) }
    drafts += marked(own, one)
  }
  return drafts
}

private func exports(of recipe: Recipe) -> [String: Manifest.Export] {
  if recipe.images.isEmpty {
    let file = "\(recipe.name).tar"
    return [file: Manifest.Export(pipeline: "tar", path: "/" + file)]
  }
  return recipe.images.map(\.value).reduce(into: [:]) { all, image in
    all.merge(exports(of: image, tree: image.treePipeline)) { $1 }
  }
}
