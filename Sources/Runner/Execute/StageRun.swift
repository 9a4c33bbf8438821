internal import Files
internal import Glibc
internal import Hashing
internal import JSON
internal import Model
internal import Processes
internal import Trees

/// One run of one stage: mounts its tree, starts it in the sandbox, and keeps what it changed.
struct StageRun: Sendable {
  var store: Store
  var workspace: Workspace
  var fresh: FreshLayers
  var children: Children
  var program: StageProgram
  var action: Action
  var place: StagePlace
  var keepsFailed: Bool
  var limits: StageLimits
  /// Nil where the machine gives none.
  var groups: ControlGroups?
  var emulation: Emulation
  var stacks: ShortStacks

  /// Does the work.
  ///
  /// - Parameter failed: Is called when the result cannot be kept.
  /// - Returns: The result, which may be in the store a little later: `fresh` has it until then.
  /// - Throws: `StageFailure` when the stage failed, `Failure` when the machine did.
  func run(failed: @escaping @Sendable () -> Void) async throws -> ActionResult {
    // A tree that may have to be kept, and an image, are where they can stay.
    let work = makesImage || keepsFailed ? .disk : workspace.place
    do { return try await attempt(in: work, failed) } catch {
      guard work == .memory, workspace.isMemoryFull, !children.isStopped else { throw error }
      try await fresh.wait()
      return try await attempt(in: .disk, failed)
    }
  }

  private func attempt(
    in place: Workspace.Place, _ failed: @escaping @Sendable () -> Void
  ) async throws -> ActionResult {
    try await onThread {
      // The layers that it stands on must not go while it works.
      let trees = fresh.borrow(
        Set(action.tree + (action.build ?? []) + action.inputTrees.values.flatMap(\.self)))
      defer { fresh.giveBack(trees) }
      return try children.whileWorking { try run(in: place, trees, failed) }
    }
  }

  private var stance: Stance { program.description.stance }

  /// A plain folder serves for such a tree, and becomes the layer as it is.
  private var startsFromNothing: Bool { stance == .onTree && action.tree.isEmpty }

  /// What is made of whole trees is a few large files, which are written once, to the disk. (What is
  /// made of sources alone is a tree of many small ones.)
  private var makesImage: Bool { startsFromNothing && !action.inputTrees.isEmpty }

  private func run(
    in place: Workspace.Place, _ trees: [Digest: String], _ failed: @escaping @Sendable () -> Void
  ) throws -> ActionResult {
    let room = StageMounts.Room(store: store, workspace: workspace, stacks: stacks, fresh: trees)
    let shown = StageMounts(view: StageView(of: action), program: program)
    let folder = try workspace.folder(place)
    let mounts = try workspace.folder(.memory)
    var isHandedOver = false
    var inputs: [String] = []
    defer {
      try? Mount.remove(mounts + "/tree")
      shown.remove(mounts: mounts)
      if !isHandedOver { try? Files.removeTree(folder) }
      for folder in inputs + [mounts] { try? Files.removeTree(folder) }
    }
    let tree = try mountTree(shown, folder: folder, at: mounts + "/tree", in: room)
    let (sandbox, made) = try shown.sandbox(
      tree: tree, mounts: mounts, in: room, command: program.command,
      userNamespace: emulation.userNamespace)
    inputs = made

    let log = folder + "/log"
    let memory = OutOfMemory()
    let began = Moment.now
    // Where the kernel makes none after all, `LimitWatch` is what there is.
    let group = try? groups?.make(limits, room: place == .memory ? workspace.capacity : 0)
    let outcome = try start(sandbox, log: log, in: group)
    let ended = Moment.now
    if children.isStopped { throw CancellationError() }
    guard outcome.ending.isSuccess, outcome.excess == nil else {
      throw try failure(
        outcome, memory.finding(), log: log, changes: folder + "/tree", shown)
    }
    if !startsFromNothing { try Mount.remove(mounts + "/tree") }
    try keepLog(log)
    let commit = try Commit(
      changes: folder + "/tree", epoch: action.epoch,
      interval: began.wall - 1...ended.wall + 1)
    let isInBackground = place == .memory && !commit.isSmall
    let kept = place == .memory && !isInBackground ? try workspace.folder(.disk) : folder
    let layer = try keep(commit, in: kept, copies: kept != folder)
    let result = ActionResult(
      layer: layer, milliseconds: Moment.now.milliseconds(since: began), type: action.stage.type)
    if kept == folder {
      // What of it cannot be removed is left for the end of the run.
      for name in ["log", "work"] { try workspace.drop("\(folder)/\(name)") }
    }
    if isInBackground {
      isHandedOver = true
      fresh.keep(
        result, of: action.key, in: folder, store: store, children: children,
        write: { try copy(commit, layer) }, failed: failed)
    } else {
      try store.keep(layer: layer, from: kept)
      try store.record(result, of: action.key)
    }
    return result
  }

  /// Makes a layer, with its listing, in a folder; the files are to be copied there, or are there.
  private func keep(_ commit: Commit, in folder: String, copies: Bool) throws -> Digest {
    if copies { try Files.makeDirectories(folder + "/tree") }
    return try commit.run(
      copyingTo: copies ? folder + "/tree" : nil, listing: folder + "/listing")
  }

  /// Puts a layer that is in memory on the disk.
  ///
  /// - Returns: The folder with the layer's tree and its listing.
  private func copy(_ commit: Commit, _ layer: Digest) throws -> String {
    let folder = try workspace.folder(.disk)
    guard try keep(commit, in: folder, copies: true) == layer else {
      throw Failure(
        "keep", "the layer of \(place)", cause: "it was changed after the stage had ended")
    }
    return folder
  }

  /// The folder that the stage is to change.
  private func mountTree(
    _ shown: StageMounts, folder: String, at mount: String, in room: StageMounts.Room
  ) throws -> String {
    let changes = folder + "/tree"
    try Files.makeDirectories(changes)
    if startsFromNothing { return changes }
    try Files.makeDirectories(folder + "/work")
    try Files.makeDirectories(mount)
    try shown.dress(changes, in: room)
    try Mount.overlay(
      try shown.foldersOfTree(in: room, unseen: mount + "-unseen"),
      upper: Mount.Upper(changes: changes, work: folder + "/work"), at: mount)
    return mount
  }

  private var request: [UInt8] {
    let inputs = action.stage.inputs.keys.map { ($0, "\(StageRequest.inputsPath)/\($0)") }
    let request = StageRequest(
      tree: stance == .inTree ? "/" : StageRequest.treePath, options: action.stage.options,
      inputs: Dictionary(uniqueKeysWithValues: inputs), epoch: action.epoch,
      architecture: action.architecture)
    return StageRequest.schema.encode(request).canonicalBytes
  }

  private func start(_ sandbox: Sandbox, log: String, in group: ControlGroup?) throws
    -> Sandbox.Outcome
  {
    var process: pid_t = 0
    defer { children.remove(process) }
    return try sandbox.run(
      initProgram: workspace.view(of: Host.initProgram.get()), input: request, log: log,
      limits: limits, lifeline: children.lifeline.reading, group: group
    ) {
      process = $0
      children.add($0)
    }
  }

  private func keepLog(_ log: String) throws {
    try Files.writeAtomically(
      try Files.read(log), to: store.logPath(action.key), mode: store.fileMode)
  }

  private func failure(
    _ outcome: Sandbox.Outcome, _ starved: OutOfMemory.Finding, log: String, changes: String,
    _ shown: StageMounts
  ) throws -> StageFailure {
    try keepLog(log)
    var failure = StageFailure(
      place, key: action.key, ending: outcome.ending, starved: starved,
      text: try Files.readText(log), log: store.logPath(action.key))
    failure.excess = outcome.excess
    if keepsFailed {
      let tree = FailedTree(at: absolutePath(store.failedPath(action.key)))
      try tree.keep(changes, request: request, shown)
      failure.kept = tree.folder
      failure.shell = tree.hasShell(shown, in: store) ? tree.command : nil
    }
    // A stage that found no room may not have been able to say so in its log.
    if store.isFull { failure.fullStore = store.root }
    return failure
  }
}

/// The time, as files have it and as durations are measured.
private struct Moment {
  /// Seconds of the wall clock.
  var wall: Int
  private var steady: timespec

  static var now: Moment {
    var steady = timespec()
    clock_gettime(CLOCK_MONOTONIC, &steady)
    return Moment(wall: time(nil), steady: steady)
  }

  func milliseconds(since other: Moment) -> Int {
    (steady.tv_sec - other.steady.tv_sec) * 1000
      + (steady.tv_nsec - other.steady.tv_nsec) / 1_000_000
  }
}
