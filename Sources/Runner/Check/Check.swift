internal import Files
internal import Glibc
internal import Model
internal import Processes
internal import Transfer

/// Runs every stage of a finished build again, in a store of its own and under other conditions,
/// and compares the layers.
package struct Check: Sendable {
  package var build: Build

  package init(of build: Build) { self.build = build }

  /// Builds again and compares.
  ///
  /// - Throws: `Failure` when the build fails the second time.
  package func run() async throws -> Verdict {
    let plan = try Plan(build.manifest, exports: build.exports)
    // Held from here on: no other run may evict what is to be compared.
    let store = try build.store.leased()
    defer { store.lease?.end() }
    let programs = try build.stages.programs(for: plan.pipelines, store: build.store)
    let sources = plan.pipelines.flatMap(\.stages).flatMap(\.sources)
    let children = try Children()
    try await Fetcher(
      build.manifest.sources, into: store, isOffline: build.isOffline,
      patience: build.patience, children: children, progress: build.progress
    ).fetch(sources, later: [])

    @Sendable func forecast(_ store: Store) -> [Forecast.Line] {
      Forecast(
        plan, programs: programs, seen: SeenTree(listing: store.listing), result: store.result,
        hasSource: { _, _ in true }
      ).lines
    }
    let first = forecast(store)

    let workspace = try Workspace(in: build.store, place: .disk)
    for failure in workspace.leftOver { build.progress.say("warning: \(failure)") }
    Interrupts.end(after: {
      children.stop()
      children.waitUntilIdle()
      workspace.remove()
    })
    defer { workspace.remove() }
    guard let folder = absolute(try workspace.folder(.disk)) else {
      throw Failure.system("find", workspace.path)
    }
    let second = Store(root: folder + "/store")
    try second.prepare()
    for source in Set(sources) { try share(source, with: second) }

    let began = ContinuousClock.now
    let outcome = try await onThread {
      try children.whileWorking { try runAgain(in: folder, children) }
    }
    if children.isStopped || outcome.ending == .exit(130) { throw CancellationError() }
    guard outcome.ending.isSuccess else {
      throw Failure(
        "build", "a second time", cause: "\(outcome.ending)",
        remedy: "a stage fails when its surroundings differ; its output is above")
    }
    let milliseconds = Int((ContinuousClock.now - began) / .milliseconds(1))
    return try await onThread {
      try Verdict(
        Comparison(of: store, and: second).compare(first, forecast(second)),
        milliseconds: milliseconds)
    }
  }

  /// Gives the other store a source without copying it.
  private func share(_ source: Digest, with other: Store) throws(Failure) {
    let path = build.store.sourcePath(source)
    guard link(path, other.sourcePath(source)) == 0 else { throw .system("link", path) }
  }

  /// Starts this program again: a process can have other conditions than the one that asks.
  private func runAgain(in folder: String, _ children: Children) throws -> Command.Outcome {
    let conditions = Conditions(unlike: build)
    var words = [
      try Host.program.get(), "-", "--store", folder + "/store", "-o", folder,
      "-j", "\(conditions.jobs)", "--offline", "--varied-conditions",
    ]
    words += ["--stage-memory", "\(max(1, build.limits.memory.bytes >> 10))KiB"]
    words += ["--stage-processes", "\(build.limits.processes)"]
    if build.progress.style == .quiet { words.append("--quiet") }
    if build.progress.isVerbose { words.append("--verbose") }
    for name in build.exports { words += ["--export", name] }
    let command = Command(
      words,
      environment: conditions.environment(
        currentEnvironment(), stages: build.stages.folders.compactMap(absolute)),
      input: Manifest.schema.encode(build.manifest).canonicalBytes, output: .null, errors: .inherit,
      ownGroup: true)
    var process: pid_t = 0
    let outcome = try command.run { started in
      process = started
      children.add(started)
    }
    children.remove(process)
    return outcome
  }
}

/// Nil for what is not there.
private func absolute(_ path: String) -> String? {
  guard let real = realpath(path, nil) else { return nil }
  defer { free(real) }
  return String(cString: real)
}

private func currentEnvironment() -> [String: String] {
  var variables: [String: String] = [:]
  for text in ((try? Files.read("/proc/self/environ")) ?? []).split(separator: 0) {
    let parts = String(decoding: text, as: UTF8.self).split(separator: "=", maxSplits: 1)
    if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
  }
  return variables
}
