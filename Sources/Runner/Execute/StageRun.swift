internal import Files
internal import Glibc
internal import JSON
internal import Model
internal import Processes

/// One run of one stage: mounts its tree, starts it in the sandbox, and keeps what it changed.
struct StageRun: Sendable {
  var store: Store
  var workspace: Workspace
  var children: Children
  var program: StageProgram
  var action: Action
  var place: StagePlace
  var keepsFailed: Bool
  var limits: StageLimits
  var emulation: Emulation

  /// Does the work on the calling thread, which it blocks.
  func run() throws -> ActionResult { try children.whileWorking(work) }

  private func work() throws -> ActionResult {
    // A tree that may have to be kept is where it can stay.
    let work = startsFromNothing || keepsFailed ? .disk : workspace.place
    do { return try run(in: work) } catch {
      guard work == .memory, workspace.isMemoryFull, !children.isStopped else { throw error }
      return try run(in: .disk)
    }
  }

  private var stance: Stance { program.description.stance }

  /// A plain folder serves for such a tree, and becomes the layer as it is: what makes disk images
  /// writes them once.
  private var startsFromNothing: Bool { stance == .onTree && action.tree.isEmpty }

  private func run(in place: Workspace.Place) throws -> ActionResult {
    let folder = try workspace.folder(place)
    let mounts = try workspace.folder(.memory)
    defer {
      for name in ["tree", "root"] { try? Mount.remove("\(mounts)/\(name)") }
      for name in action.stage.inputs.keys { try? Mount.remove("\(mounts)/input-\(name)") }
      try? Files.removeTree(folder)
      try? Files.removeTree(mounts)
    }
    let tree = try mountTree(folder: folder, at: mounts + "/tree")
    let inputs = try placeInputs(mounts)
    defer { for input in inputs { if input.isOwn { try? Files.removeTree(input.binding.source) } } }
    let sandbox = try sandbox(tree: tree, mounts: mounts, inputs: inputs.map(\.binding))

    let log = folder + "/log"
    let memory = OutOfMemory()
    let began = Moment.now
    let outcome = try start(sandbox, log: log)
    let ended = Moment.now
    if children.isStopped { throw CancellationError() }
    guard outcome.ending.isSuccess, outcome.excess == nil else {
      throw try failure(outcome, memory.finding(), log: log, changes: folder + "/tree")
    }
    if !startsFromNothing { try Mount.remove(mounts + "/tree") }
    let layer = try commit(folder, place, from: began.wall - 1, to: ended.wall + 1)
    try keepLog(log)
    let result = ActionResult(layer: layer, milliseconds: Moment.now.milliseconds(since: began))
    try store.record(result, of: action.key)
    return result
  }

  /// The folder that the stage is to change.
  private func mountTree(folder: String, at mount: String) throws -> String {
    let changes = folder + "/tree"
    try Files.makeDirectories(changes)
    if startsFromNothing { return changes }
    try Files.makeDirectories(folder + "/work")
    try Files.makeDirectories(mount)
    // The root of the upper folder is the root of the tree: it starts as what was there before.
    if let top = action.tree.last {
      let info = try Files.information(store.treePath(top))
      guard chown(changes, info.st_uid, info.st_gid) == 0,
        chmod(changes, info.st_mode & 0o7777) == 0,
        utimensat(AT_FDCWD, changes, [info.st_atim, info.st_mtim], 0) == 0
      else { throw Failure.system("prepare", changes) }
    }
    let lowest = stance == .inTree ? workspace.skeleton : workspace.empty
    try Mount.overlay(
      [lowest] + action.tree.map(store.treePath),
      upper: Mount.Upper(changes: changes, work: folder + "/work"), at: mount)
    return mount
  }

  /// What a stage reads, and whether its folder was made for this run.
  private struct PlacedInput {
    var binding: Sandbox.Binding
    var isOwn: Bool
  }

  private func placeInputs(_ mounts: String) throws -> [PlacedInput] {
    var placed: [PlacedInput] = []
    for (name, input) in action.stage.inputs.sorted(by: { $0.key < $1.key }) {
      let target = "\(StageRequest.inputsPath)/\(name)"
      switch input {
      case .pipeline:
        let folder = "\(mounts)/input-\(name)"
        try Files.makeDirectories(folder)
        let layers = (action.inputTrees[name] ?? []).map(store.treePath)
        try Mount.overlay([workspace.bottom, workspace.empty] + layers, upper: nil, at: folder)
        placed.append(PlacedInput(binding: Sandbox.Binding(folder, at: target), isOwn: false))
      case .sources(let digests):
        let folder = try workspace.folder(.disk)
        for digest in digests {
          let path = "\(folder)/\(action.sourceNames[digest] ?? digest.hex)"
          guard link(store.sourcePath(digest), path) == 0 else {
            throw Failure.system("link", store.sourcePath(digest))
          }
        }
        placed.append(PlacedInput(binding: Sandbox.Binding(folder, at: target), isOwn: true))
      }
    }
    return placed
  }

  private func sandbox(tree: String, mounts: String, inputs: [Sandbox.Binding]) throws -> Sandbox {
    var bindings = program.bindings + inputs
    var root = Sandbox.Root.tree(tree, isWritable: true)
    if stance == .onTree {
      bindings.append(Sandbox.Binding(tree, at: StageRequest.treePath, isWritable: true))
      root = .empty
      if let build = action.build {
        let mount = mounts + "/root"
        try Files.makeDirectories(mount)
        try Mount.overlay(
          [workspace.bottom, workspace.skeleton] + build.map(store.treePath), upper: nil, at: mount)
        root = .tree(mount, isWritable: false)
      }
    }
    return Sandbox(
      root: root, bindings: bindings, environment: Sandbox.environment(epoch: action.epoch),
      capabilities: Sandbox.capabilities(stance), command: program.command,
      userNamespace: emulation.userNamespace)
  }

  private var request: [UInt8] {
    let inputs = action.stage.inputs.keys.map { ($0, "\(StageRequest.inputsPath)/\($0)") }
    let request = StageRequest(
      tree: stance == .inTree ? "/" : StageRequest.treePath, options: action.stage.options,
      inputs: Dictionary(uniqueKeysWithValues: inputs), epoch: action.epoch,
      architecture: action.architecture)
    return StageRequest.schema.encode(request).canonicalBytes
  }

  private func start(_ sandbox: Sandbox, log: String) throws -> Sandbox.Outcome {
    var process: pid_t = 0
    defer { children.remove(process) }
    return try sandbox.run(input: request, log: log, limits: limits) {
      process = $0
      children.add($0)
    }
  }

  private func commit(_ folder: String, _ place: Workspace.Place, from: Int, to: Int) throws
    -> Digest
  {
    var layer = folder
    var target: String?
    if place == .memory {
      layer = try workspace.folder(.disk)
      target = layer + "/tree"
      try Files.makeDirectories(layer + "/tree")
    }
    let listing = try Commit(
      changes: folder + "/tree", target: target, epoch: action.epoch, interval: from...to
    ).run()
    let text = Array(listing.text.utf8)
    let digest = listing.digest
    if place == .disk {
      try Files.removeTree(folder + "/work")
      try Files.rename(folder + "/log", to: folder + ".log")
      try Files.write(text, to: folder + "/listing")
      try store.keep(layer: digest, from: folder)
      try Files.makeDirectories(folder)
      try Files.rename(folder + ".log", to: folder + "/log")
    } else {
      try Files.write(text, to: layer + "/listing")
      try store.keep(layer: digest, from: layer)
    }
    return digest
  }

  private func keepLog(_ log: String) throws {
    try Files.writeAtomically(try Files.read(log), to: store.logPath(action.key))
  }

  private func failure(
    _ outcome: Sandbox.Outcome, _ starved: OutOfMemory.Finding, log: String, changes: String
  ) throws -> StageFailure {
    try keepLog(log)
    var failure = StageFailure(
      place, key: action.key, ending: outcome.ending, starved: starved,
      text: try Files.readText(log), log: store.logPath(action.key))
    failure.excess = outcome.excess
    if keepsFailed {
      let tree = FailedTree(store: store, action: action, program: program, place: place)
      let kept = try tree.keep(changes, request: request)
      failure.kept = kept.folder
      failure.shell = kept.shell
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
