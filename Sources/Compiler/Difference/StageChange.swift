package import Model

/// Where in a pipeline the first stage with another id is, and why it has one.
package struct StageChange: Sendable, Equatable {
  package var pipeline: String
  /// The first of its stages whose id is new.
  package var stage: String
  /// Where in the recipe that stage comes from.
  package var origin: Origin?
  /// How many of its stages have a new id, and how many there are.
  package var changed: Int
  package var count: Int
  /// What changed in that first stage: one clause.
  package var cause: String

  /// One for each pipeline of the new manifest that has stages with another id.
  static func changes(from old: Manifest, to new: Manifest) -> [StageChange] {
    new.pipelines.compactMap { pipeline in
      guard let before = old.pipelines.first(where: { $0.name == pipeline.name }) else {
        return pipeline.stages.first.map {
          StageChange(
            pipeline: pipeline.name, stage: $0.type, origin: $0.origin,
            changed: pipeline.stages.count,
            count: pipeline.stages.count, cause: "the pipeline is new")
        }
      }
      let known = Set(before.stages.map(\.id))
      guard let place = pipeline.stages.firstIndex(where: { !known.contains($0.id) }) else {
        return nil
      }
      return StageChange(
        pipeline: pipeline.name, stage: pipeline.stages[place].type,
        origin: pipeline.stages[place].origin,
        changed: pipeline.stages.count { !known.contains($0.id) }, count: pipeline.stages.count,
        cause: cause(old, before, new, pipeline, place))
    }
  }

  private static func cause(
    _ old: Manifest, _ before: Pipeline, _ new: Manifest, _ pipeline: Pipeline, _ place: Int
  ) -> String {
    if old.architecture != new.architecture { return "the architecture changed" }
    if old.epoch != new.epoch { return "the epoch changed" }
    func tree(_ name: String?, in manifest: Manifest) -> Digest? {
      manifest.pipelines.first { $0.name == name }?.stages.last?.id
    }
    let others = [
      ("base pipeline", before.base, pipeline.base),
      ("build pipeline", before.build, pipeline.build),
    ]
    for (role, was, name) in others where place == 0 {
      if was != name { return "its \(role) is now \(name ?? "none")" }
      if tree(was, in: old) != tree(name, in: new) { return "its \(role) \(name ?? "") changed" }
    }
    let stage = pipeline.stages[place]
    guard before.stages.indices.contains(place), before.stages[place].type == stage.type else {
      return "the stage is new"
    }
    let was = before.stages[place]
    if was.version != stage.version { return "its contract is now version \(stage.version)" }
    if was.options != stage.options { return "its options changed" }
    for name in stage.inputs.keys.sorted() {
      switch (was.inputs[name], stage.inputs[name]) {
      case (.pipeline(let one)?, .pipeline(let other)?)
      where tree(one, in: old) != tree(other, in: new):
        return "its input '\(name)', the tree of \(other), changed"
      case (let one, let other) where one != other: return "its input '\(name)' changed"
      default: continue
      }
    }
    return "the names of its sources changed"
  }
}
