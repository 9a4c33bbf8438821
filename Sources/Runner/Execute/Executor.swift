internal import Files
internal import Glibc
internal import Model
internal import Synchronization

/// Makes the trees of a plan's pipelines: those that do not wait for each other at the same time.
package struct Executor: Sendable {
  package var plan: Plan
  package var store: Store
  package var workspace: LazyWorkspace
  package var programs: [String: StageProgram]
  package var fetcher: Fetcher
  package var children: Children
  package var progress: Progress
  package var durations: Durations
  package var keepsFailed: Bool
  package var limits: StageLimits
  package var groups: ControlGroups?
  package var emulation: Emulation
  package var fresh: FreshLayers
  package var seen: SeenTree
  var stacks: ShortStacks
  /// How many stages may run at once.
  package var jobs: Int

  private let turns = Turns()

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
    let lengths = PathLengths(plan.pipelines) { durations.expected(of: $0) ?? 0 }
    let first = FirstFailure()
    var tasks: [String: Task<Built, any Error>] = [:]
    for pipeline in plan.pipelines {
      var needed: [String: Task<Built, any Error>] = [:]
      for name in pipeline.needs { needed[name] = tasks[name] }
      tasks[pipeline.name] = Task {
        do { return try await build(pipeline, needed, slots, lengths) } catch {
          first.note(error)
          children.stop()
          throw error
        }
      }
    }
    var result = BuildResult()
    for pipeline in plan.pipelines {
      guard let task = tasks[pipeline.name] else { continue }
      guard let built = try? await task.value else { continue }
      result.layers[pipeline.name] = built.layers
      result.stages += built.reports
    }
    // What was made before something failed is kept, too.
    do { try await fresh.wait() } catch {
      // A stage that did not find a layer did not find it because of this.
      if error is CancellationError {
        first.note(error)
      } else if !(first.error is StageFailure) {
        throw error
      }
    }
    if let error = first.error { throw error }
    return result
  }

  /// What is known of an action, from this run or an earlier one.
  private func result(of key: Digest) -> ActionResult? {
    fresh.result(of: key) ?? store.result(of: key)
  }

  private func build(
    _ pipeline: Pipeline, _ needed: [String: Task<Built, any Error>], _ slots: Slots,
    _ lengths: PathLengths
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
    for (place, stage) in zip(pipeline.places, pipeline.stages) {
      guard let program = programs[stage.type] else { continue }
      var inputTrees: [String: [Digest]] = [:]
      for (name, input) in stage.inputs {
        if let other = input.pipeline { inputTrees[name] = try await layers(of: other) }
      }
      let action = Action(
        stage: stage, epoch: plan.manifest.epoch, architecture: plan.manifest.architecture,
        program: program.digest, tree: tree,
        seen: seen.digests(of: tree, without: program.description.unseen), build: build,
        inputTrees: inputTrees,
        sourceNames: plan.manifest.sources.mapValues(\.name, only: stage.sources))
      let key = action.key
      let report: StageReport
      if let known = result(of: key) {
        report = StageReport(place, key: key, layer: known.layer)
      } else {
        let later = pipeline.stages[(place.index + 1)...].flatMap(\.sources)
        if !isFetching { await fetcher.prefetch(stage.sources + later) }
        isFetching = true
        try await fetcher.fetch(stage.sources, later: later)
        report = try await run(action, key, program, place, slots, urgency: lengths[place])
      }
      progress.tell(.finished(report))
      tree.append(report.layer)
      reports.append(report)
    }
    return Built(layers: tree, reports: reports)
  }

  private func run(
    _ action: Action, _ key: Digest, _ program: StageProgram, _ place: StagePlace, _ slots: Slots,
    urgency: Int
  ) async throws -> StageReport {
    // Pipelines may begin with the same stages: one runs them, the others wait and find the result.
    await turns.take(key)
    defer { Task { await turns.give(key) } }
    if let known = result(of: key) {
      return StageReport(place, key: key, layer: known.layer)
    }
    await slots.take(urgency: urgency)
    defer { Task { await slots.give() } }
    if children.isStopped { throw CancellationError() }
    progress.tell(.started(place, key: key))
    let run = StageRun(
      store: store, workspace: try workspace.open(), fresh: fresh, children: children,
      program: program, action: action, place: place, keepsFailed: keepsFailed, limits: limits,
      groups: groups, emulation: emulation, stacks: stacks)
    let result = try await run.run { children.stop() }
    durations.keep(result.milliseconds, of: place)
    tellOfNetwork(place, log: store.logPath(key))
    return StageReport(
      place, key: key, layer: result.layer, milliseconds: result.milliseconds,
      log: store.logPath(key))
  }
}

extension Executor {
  /// The most of a log that is looked at, in bytes.
  private static let logLimit = 1 << 20

  /// Warns of a stage that succeeded although it tried to use a network: its result may be incomplete.
  private func tellOfNetwork(_ place: StagePlace, log: String) {
    guard let file = try? FileDescriptor.open(log, O_RDONLY),
      let bytes = try? file.read(Self.logLimit, at: 0), !bytes.isEmpty,
      KnownCause(in: String(decoding: bytes, as: UTF8.self).parts(at: "\n")) == .noNetwork
    else { return }
    let name =
      place.origin.map { "\($0)" } ?? "stage \(place.index) of pipeline '\(place.pipeline)'"
    progress.say(
      "warning: \(name) tried to use the network, which stages don't have: its result may be "
        + "incomplete")
    progress.say("  help: see its log: \(log)")
  }
}

/// The failure that came first: those after it come of it.
private final class FirstFailure: Sendable {
  private let noted = Mutex<(any Error)?>(nil)

  var error: (any Error)? { noted.withLock(\.self) }

  func note(_ error: any Error) {
    noted.withLock { first in
      if first == nil || first is CancellationError { first = error }
    }
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
