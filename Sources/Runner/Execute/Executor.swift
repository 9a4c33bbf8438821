internal import Model

/// Makes the trees of a plan's pipelines: those that do not wait for each other at the same time.
package struct Executor: Sendable {
  package var plan: Plan
  package var store: Store
  package var workspace: Workspace
  package var programs: [String: StageProgram]
  package var fetcher: Fetcher
  package var children: Children
  package var progress: Progress
  package var keepsFailed: Bool
  /// How many stages may run at once.
  package var jobs: Int

  /// A finished pipeline.
  private struct Built: Sendable {
    var layers: [Digest]
    var reports: [StageReport]
  }

  /// Runs what is missing.
  ///
  /// - Throws: The first failure; stages that are running then are killed.
  package func run() async throws -> BuildResult {
    let slots = Slots(jobs)
    var tasks: [String: Task<Built, any Error>] = [:]
    for pipeline in plan.pipelines {
      let needed = tasks.filter { pipeline.needs.contains($0.key) }
      tasks[pipeline.name] = Task {
        do { return try await build(pipeline, needed, slots) } catch {
          children.stop()
          throw error
        }
      }
    }
    var result = BuildResult()
    var failure: (any Error)?
    for pipeline in plan.pipelines {
      guard let task = tasks[pipeline.name] else { continue }
      do {
        let built = try await task.value
        result.layers[pipeline.name] = built.layers
        result.stages += built.reports
      } catch {
        if failure == nil || failure is CancellationError { failure = error }
      }
    }
    if let failure { throw failure }
    return result
  }

  private func build(
    _ pipeline: Pipeline, _ needed: [String: Task<Built, any Error>], _ slots: Slots
  ) async throws -> Built {
    func layers(of name: String) async throws -> [Digest] {
      do { return try await needed[name]?.value.layers ?? [] } catch {
        // That pipeline says itself what went wrong.
        throw CancellationError()
      }
    }
    var tree: [Digest] = []
    if let base = pipeline.base { tree = try await layers(of: base) }
    var build: [Digest]?
    if let name = pipeline.build { build = try await layers(of: name) }
    var reports: [StageReport] = []
    var isFetching = false
    for (index, stage) in pipeline.stages.enumerated() {
      guard let program = programs[stage.type] else { continue }
      var inputTrees: [String: [Digest]] = [:]
      for (name, input) in stage.inputs {
        if let other = input.pipeline { inputTrees[name] = try await layers(of: other) }
      }
      let action = Action(
        stage: stage, epoch: plan.manifest.epoch, architecture: plan.manifest.architecture,
        program: program.digest, tree: tree, build: build, inputTrees: inputTrees,
        sourceNames: plan.manifest.sources.mapValues(\.name, only: stage.sources))
      let key = action.key
      var report = StageReport(pipeline: pipeline.name, index: index, stage: stage, key: key)
      if let known = store.result(of: key) {
        report.layer = known.layer
      } else {
        let later = pipeline.stages[(index + 1)...].flatMap(\.sources)
        if !isFetching { await fetcher.prefetch(stage.sources + later) }
        isFetching = true
        try await fetcher.fetch(stage.sources, later: later)
        let result = try await run(action, program, pipeline.name, index, slots)
        report.layer = result.layer
        report.milliseconds = result.milliseconds
      }
      progress.finished(report)
      tree.append(report.layer)
      reports.append(report)
    }
    return Built(layers: tree, reports: reports)
  }

  private func run(
    _ action: Action, _ program: StageProgram, _ pipeline: String, _ index: Int, _ slots: Slots
  ) async throws -> ActionResult {
    let run = StageRun(
      store: store, workspace: workspace, children: children, program: program, action: action,
      title: "stage \(index) of pipeline '\(pipeline)', \(action.stage.type) (\(action.stage.id))",
      keepsFailed: keepsFailed)
    await slots.take()
    defer { Task { await slots.give() } }
    return try await onThread { try run.run() }
  }
}

extension [Digest: Source] {
  fileprivate func mapValues(_ name: (Source) -> String, only digests: [Digest]) -> [Digest: String]
  {
    var names: [Digest: String] = [:]
    for digest in digests { names[digest] = self[digest].map(name) }
    return names
  }
}
