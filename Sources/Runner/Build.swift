internal import Files
internal import Glibc
package import Model
package import Transfer

/// One run of the runner: from a manifest to exported files.
package struct Build: Sendable {
  package var manifest: Manifest
  /// Names of exports; empty for all.
  package var exports: [String]
  package var store: Store
  /// Where exports go; nil to place none.
  package var folder: String?
  /// Whether what is in the way of an export there is replaced, whoever placed it.
  package var isForced: Bool
  package var stages: StageFolders
  /// How many stages may run at once.
  package var jobs: Int
  package var isOffline: Bool
  package var keepsFailed: Bool
  package var progress: Progress
  /// Where stages write while they work; nil leaves it to the free memory.
  package var place: Workspace.Place?
  /// What each stage may take.
  package var limits: StageLimits
  package var patience = Transfer.Patience()
  /// The most that the store may take when the build is done, in bytes; nil for no limit.
  package var limit: Int?

  package init(
    manifest: Manifest, exports: [String], store: Store, folder: String?, stages: StageFolders,
    jobs: Int, isOffline: Bool, keepsFailed: Bool, progress: Progress, place: Workspace.Place?,
    limit: Int? = nil, limits: StageLimits = .standard, isForced: Bool = false
  ) {
    self.manifest = manifest
    self.exports = exports
    self.store = store
    self.folder = folder
    self.stages = stages
    self.jobs = jobs
    self.isOffline = isOffline
    self.keepsFailed = keepsFailed
    self.progress = progress
    self.place = place
    self.limit = limit
    self.limits = limits
    self.isForced = isForced
  }

  /// Runs what is missing, and places the exports; that the run has ended is left to be told.
  ///
  /// - Throws: `Refusal` when the manifest cannot be run here; `Failure` when the build failed.
  package func run() async throws -> (BuildResult, [Exporter.Output]) {
    let plan = try Plan(manifest, exports: exports)
    let directory = folder.map { OutputDirectory($0, store: store, isForced: isForced) }
    try directory?.check(plan.exports)
    return try await store.use(limit: limit, progress) { try await attempt(plan, in: $0) }
  }

  private func attempt(_ plan: Plan, in store: Store) async throws
    -> (BuildResult, [Exporter.Output])
  {
    let programs = try stages.programs(for: plan.pipelines, store: store)
    if progress.isVerbose, !ProcessTree.isKnown {
      progress.say(
        "  stages run without limits: this kernel lacks CONFIG_PROC_CHILDREN")
    }
    let workspace = LazyWorkspace(in: store, place: place) { [progress] in
      progress.say("warning: \($0)")
    }
    let children = try Children()
    Interrupts.end(after: {
      children.stop()
      progress.tell(.ended(status: 130, []))
      progress.close()
      children.waitUntilIdle()
      workspace.remove()
    })
    defer { workspace.remove() }
    let durations = Durations(in: store, recipe: manifest.recipe.name)
    let fresh = FreshLayers()
    let seen = SeenTree { fresh.listing(of: $0) ?? store.listing(of: $0) }
    let forecast = Forecast(
      plan, programs: programs, seen: seen, result: store.result,
      hasSource: store.hasSource)
    progress.tell(.began(Outline(plan, forecast, durations, jobs: jobs)))
    let emulation = try emulation(for: forecast, in: workspace)
    let fetcher = Fetcher(
      manifest.sources, into: store, isOffline: isOffline, patience: patience, children: children,
      progress: progress)
    let executor = Executor(
      plan: plan, store: store, workspace: workspace, programs: programs, fetcher: fetcher,
      children: children, progress: progress, durations: durations, keepsFailed: keepsFailed,
      limits: limits, groups: groups(for: forecast), emulation: emulation, fresh: fresh, seen: seen,
      stacks: ShortStacks(store: store, workspace: workspace), jobs: jobs)
    let result = try await executor.run()
    await fetcher.tellSum()
    guard let folder else { return (result, []) }
    let directory = OutputDirectory(folder, store: store, isForced: isForced)
    return (result, try await place(plan, result, of: store, in: directory))
  }

  /// How the programs of the manifest's trees run here, unless nothing is to run.
  private func emulation(for forecast: Forecast, in workspace: LazyWorkspace) throws(Failure)
    -> Emulation
  {
    let isWork = forecast.lines.contains { $0.fate == .run }
    guard isWork, manifest.architecture != Architecture.own else { return .ofMachine }
    return try .find(for: manifest.architecture, in: workspace.open().folder(.memory))
  }

  /// The control groups that stages are to be in; nil where the machine gives none, or nothing is to run.
  private func groups(for forecast: Forecast) -> ControlGroups? {
    guard forecast.lines.contains(where: { $0.fate == .run }) else { return nil }
    do { return try ControlGroups() } catch {
      if progress.isVerbose {
        progress.say(
          "  no control groups for stages, checking them every 50 ms instead: \(error.cause)")
      }
      return nil
    }
  }

  private func place(
    _ plan: Plan, _ result: BuildResult, of store: Store, in directory: OutputDirectory
  ) async throws -> [Exporter.Output] {
    try await onThread {
      var exporter = Exporter(store: store, directory: directory)
      try exporter.begin()
      var outputs: [Exporter.Output] = []
      do {
        for (name, export) in plan.exports {
          let layers = result.layers[export.pipeline] ?? []
          outputs.append(try exporter.place(name, export, of: layers))
        }
      } catch {
        // Of those that are in their place the sums are told.
        try? exporter.end()
        throw error
      }
      try exporter.end()
      return outputs
    }
  }
}
