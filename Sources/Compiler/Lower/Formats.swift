internal import Model

/// The pipelines of an image's formats, its disk or its tree being there: each once, after those that it needs.
///
/// - Parameters:
///   - image: The image.
///   - recipe: Its recipe.
///   - architecture: The machine it is for.
///   - inherited: What a container of the image that the system starts from does.
/// - Returns: The pipelines.
func formats(
  of image: Image, _ recipe: Recipe, on architecture: Architecture,
  _ inherited: PackageLock.Process?
) -> [Draft] {
  let work = FormatWork(
    image: image, recipe: recipe.name, architecture: architecture,
    inherited: inherited ?? PackageLock.Process())
  var waiting: [Draft] = []
  for draft in image.formats.flatMap({ $0.unit.pipelines(work) })
  where !waiting.contains(where: { $0.name == draft.name }) {
    waiting.append(draft)
  }
  var drafts: [Draft] = []
  while let next = waiting.firstIndex(where: { draft in
    !waiting.contains { draft.needs($0.name) }
  }) {
    drafts.append(waiting.remove(at: next))
  }
  return drafts
}

extension Draft {
  /// Whether one of its stages reads what another pipeline makes.
  fileprivate func needs(_ pipeline: String) -> Bool {
    steps.flatMap(\.inputs.values).contains { input in
      if case .pipeline(let name) = input { name == pipeline } else { false }
    }
  }
}

/// Where a build finds each output of an image, by the output's name.
func exports(of image: Image) -> [String: Manifest.Export] {
  Dictionary(image.formats.map { (image.file($0.unit), $0.unit.export(of: image)) }) { first, _ in
    first
  }
}
