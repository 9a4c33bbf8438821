package import Model

/// What a run would do, as far as it can be known: what comes after a stage that must run may
/// still turn out to be known.
package struct Forecast: Sendable {
  package enum Fate: String, Sendable { case hit, run }

  package struct Line: Sendable {
    package var pipeline: String
    package var index: Int
    package var stage: Stage
    package var fate: Fate
    /// The action's key, where all that the stage works with is known.
    package var key: Digest?
    /// What the stage changed; nil when it would run.
    package var layer: Digest?
    /// The pipeline whose tree its own starts from.
    package var base: String?
    /// The pipelines that the stage gets trees from, beside its own.
    package var needs: [String]
  }

  package var lines: [Line] = []
  /// The sources that would be downloaded, with their sizes in bytes.
  package var downloads: [(digest: Digest, source: Source.Download)] = []

  /// - Parameters:
  ///   - plan: What would be run.
  ///   - programs: The programs of the plan's stages, by type.
  ///   - seen: What stages see of layers.
  ///   - result: What is known of an action, by its key.
  ///   - hasSource: Whether a source is here, given its size.
  package init(
    _ plan: Plan, programs: [String: StageProgram], seen: SeenTree,
    result: (Digest) -> ActionResult?, hasSource: (Digest, Int) -> Bool
  ) {
    var trees: [String: [Digest]?] = [:]
    var fetched: Set<Digest> = []
    for pipeline in plan.pipelines {
      var tree: [Digest]? = pipeline.base.map { trees[$0] ?? nil } ?? []
      let build: [Digest]? = pipeline.build.flatMap { trees[$0] ?? nil }
      for (index, stage) in pipeline.stages.enumerated() {
        let others = stage.inputs.compactMapValues(\.pipeline)
        let inputTrees = others.compactMapValues { trees[$0] ?? nil }
        var known: ActionResult?
        var key: Digest?
        if let tree, inputTrees.count == others.count, (build == nil) == (pipeline.build == nil),
          let program = programs[stage.type]
        {
          let action = Action(
            stage: stage, epoch: plan.manifest.epoch, architecture: plan.manifest.architecture,
            program: program.digest, tree: tree,
            seen: seen.digests(of: tree, without: program.description.unseen), build: build,
            inputTrees: inputTrees,
            sourceNames: plan.manifest.sources.mapValues(\.name))
          key = action.key
          known = result(action.key)
        }
        lines.append(
          Line(
            pipeline: pipeline.name, index: index, stage: stage,
            fate: known == nil ? .run : .hit, key: key, layer: known?.layer,
            base: pipeline.base,
            needs: [pipeline.base, pipeline.build].compactMap(\.self) + others.values.inByteOrder())
        )
        if let known { tree?.append(known.layer) } else { tree = nil }
        guard known == nil else { continue }
        for digest in stage.sources where fetched.insert(digest).inserted {
          guard case .download(let source) = plan.manifest.sources[digest],
            !hasSource(digest, source.size)
          else { continue }
          downloads.append((digest, source))
        }
      }
      trees[pipeline.name] = .some(tree)
    }
  }

  /// The lines that `--plan` prints, names in them as `shown` has them.
  package var text: String {
    var text = ""
    for line in lines {
      let origin = line.stage.origin.map { "  \($0)" } ?? ""
      text +=
        "\(line.fate.rawValue)    \(line.pipeline)/\(line.index) \(line.stage.type)\(origin)\n"
    }
    for (digest, source) in downloads {
      text += "fetch  \(shown(source.name))  \(source.size) bytes  \(digest)\n"
    }
    let size = ByteCount.sum(of: downloads.map(\.source.size))
    let hits = lines.count { $0.fate == .hit }
    return text
      + "\(hits) known, \(lines.count - hits) to run, \(counted(downloads.count, "file")) to fetch"
      + " (\(ByteCount(size)))\n"
  }
}
