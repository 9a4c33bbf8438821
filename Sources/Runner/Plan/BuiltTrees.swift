package import Model

/// What a store has of a manifest's build, without building anything.
package struct BuiltTrees: Sendable {
  package let plan: Plan
  /// What is known of each stage.
  package let forecast: Forecast
  private let programs: [String: StageProgram]

  /// - Parameters:
  ///   - manifest: What was built.
  ///   - stages: Where the stages are.
  ///   - store: Where its layers are.
  /// - Throws: When a stage is not installed.
  package init(_ manifest: Manifest, _ stages: StageFolders, in store: Store) throws {
    plan = try Plan(manifest, exports: [])
    programs = try stages.programs(for: plan.pipelines, store: nil)
    forecast = Forecast(
      plan, programs: programs, seen: SeenTree(listing: store.listing), result: store.result,
      hasSource: store.hasSource)
  }

  /// The pipelines whose trees are systems: those with stages that work in them, but for those that only lend their
  /// tools.
  package var systems: [Pipeline] {
    plan.pipelines.filter { pipeline in
      !plan.pipelines.contains { $0.build.map { $0.isSame(as: pipeline.name) } ?? false }
        && pipeline.stages.contains { programs[$0.type]?.description.stance == .inTree }
    }
  }

  /// The layers of a pipeline's finished tree.
  ///
  /// - Parameter name: The pipeline.
  /// - Returns: Lowest first.
  /// - Throws: When there is no such pipeline, or a stage has no result in the store.
  package func layers(of name: String) throws(Failure) -> [Digest] {
    func failure(_ cause: String, _ remedy: String) -> Failure {
      Failure("open", "the tree of the pipeline '\(name)'", cause: cause, remedy: remedy)
    }
    var layers: [Digest] = []
    var next: String? = name
    while let current = next {
      guard let pipeline = plan.pipelines.first(where: { $0.name.isSame(as: current) }) else {
        let names = plan.pipelines.map(\.name).joined(separator: ", ")
        throw failure("the manifest has no such pipeline", "choose one of \(names)")
      }
      let lines = forecast.lines.filter { $0.pipeline.isSame(as: current) }
      let known = lines.compactMap(\.layer)
      guard known.count == lines.count else {
        throw failure(
          "the store lacks the results of \(counted(lines.count - known.count, "stage"))",
          "build the manifest first with 'particle run', or name its store with --store")
      }
      layers = known + layers
      next = pipeline.base
    }
    return layers
  }
}
