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
    : images(
      recipe, lock.contents, initramfs: initramfsSteps(recipe, lock), origins, on: architecture,
      lock.container?.known.process)
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

/// What the build tree must have for a recipe's images, sorted: what the stages ask for that run with its programs.
///
/// - Parameters:
///   - recipe: The recipe.
///   - contents: What its files hold.
///   - architecture: The machine the images are for.
/// - Returns: The names of Debian packages; none where no stage asks for any.
func tools(for recipe: Recipe, _ contents: Contents, on architecture: Architecture) -> [String] {
  // No tool depends on what else is in the tree.
  let drafts = images(
    recipe, contents, initramfs: [], Origins(recipe: ""), on: architecture, nil)
  let steps = drafts.filter { $0.build != nil }.flatMap(\.steps)
  return Set(steps.flatMap { $0.contract.buildPackages(on: architecture) }).sorted()
}

private func images(
  _ recipe: Recipe, _ contents: Contents, initramfs: [Step], _ origins: Origins,
  on architecture: Architecture, _ inherited: PackageLock.Process?
) -> [Draft] {
  let ownFiles = OwnFiles(of: recipe, contents)
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
  for one in all.filter({ $0.ostree != nil }) + all.filter({ $0.ostree == nil }) {
    var own: [Draft] = []
    if one.ostree != nil {
      own = ostree(recipe, one, ownFiles, initramfs: initramfs, on: architecture)
    } else if one.hasDisk {
      own = image(recipe, one, ownFiles, initramfs: initramfs, on: architecture)
    }
    drafts += marked(own + formats(of: one, recipe, on: architecture, inherited), one)
  }
  return drafts
}

private func exports(of recipe: Recipe) -> [String: Manifest.Export] {
  if recipe.images.isEmpty {
    let file = "\(recipe.name).tar"
    return [file: Manifest.Export(pipeline: "tar", path: "/" + file)]
  }
  return recipe.images.map(\.value).reduce(into: [:]) { all, image in
    all.merge(exports(of: image)) { $1 }
  }
}
