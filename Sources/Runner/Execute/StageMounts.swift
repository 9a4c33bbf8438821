internal import Files
internal import Glibc
internal import Model
internal import Trees

/// What a stage is shown of a store: its tree, its inputs, the tools it works with, and its program.
struct StageMounts: Sendable, Equatable {
  /// Something that a stage reads.
  enum Input: Sendable, Equatable {
    /// The tree of these layers, lowest first.
    case tree([Digest])
    case files([File])
  }

  /// A source, and the name that a stage sees it by.
  struct File: Sendable, Equatable {
    var name: String
    var source: Digest
  }

  var epoch: Timestamp
  var architecture: Architecture
  var program: StageProgram
  /// The layers of the tree before the stage, lowest first.
  var tree: [Digest]
  /// The layers of the tree with the tools; nil for a pipeline without one.
  var build: [Digest]?
  var inputs: [String: Input]

  init(of action: Action, _ program: StageProgram) {
    epoch = action.epoch
    architecture = action.architecture
    self.program = program
    tree = action.tree
    build = action.build
    inputs = [:]
    for (name, input) in action.stage.inputs {
      switch input {
      case .pipeline: inputs[name] = .tree(action.inputTrees[name] ?? [])
      case .sources(let digests):
        inputs[name] = .files(
          digests.map { File(name: action.sourceNames[$0] ?? $0.hex, source: $0) })
      }
    }
  }

  var stance: Stance { program.description.stance }

  /// All objects of the store that these mounts stand on.
  var objects: [StoreObject] {
    var objects = (tree + (build ?? [])).map { StoreObject(.layers, $0.hex) }
    for input in inputs.values {
      switch input {
      case .tree(let layers): objects += layers.map { StoreObject(.layers, $0.hex) }
      case .files(let files): objects += files.map { StoreObject(.sources, $0.source.hex) }
      }
    }
    return objects
  }

  /// Makes what a stage is to see, for as long as the workspace is there.
  ///
  /// - Parameters:
  ///   - tree: The folder that the stage is to change.
  ///   - mounts: An empty folder for mount points.
  ///   - room: What is mounted.
  ///   - command: What is to run.
  ///   - userNamespace: As the sandbox has it.
  /// - Returns: The sandbox, and the folders that were made for it on the disk.
  /// - Throws: When something cannot be mounted.
  func sandbox(
    tree: String, mounts: String, in room: Room, command: [String], userNamespace: Int32?
  ) throws(Failure) -> (sandbox: Sandbox, folders: [String]) {
    var bindings: [Sandbox.Binding] = []
    for binding in program.bindings {
      bindings.append(
        Sandbox.Binding(try room.workspace.view(of: binding.source), at: binding.target))
    }
    var made: [String] = []
    for (name, input) in inputs.sorted(by: { $0.key < $1.key }) {
      let mount = Self.inputMount(name, in: mounts)
      if let folder = try place(input, at: mount, in: room) { made.append(folder) }
      bindings.append(Sandbox.Binding(mount, at: "\(StageRequest.inputsPath)/\(name)"))
    }
    var root = Sandbox.Root.tree(tree, isWritable: true)
    if stance == .onTree {
      bindings.append(Sandbox.Binding(tree, at: StageRequest.treePath, isWritable: true))
      root = .empty
      if let build {
        let mount = Self.rootMount(in: mounts)
        try Files.makeDirectories(mount)
        try Mount.overlay(
          [room.workspace.bottom, room.workspace.skeleton] + (try room.folders(build)), upper: nil,
          at: mount)
        root = .tree(mount, isWritable: false)
      }
    }
    let sandbox = Sandbox(
      root: root, bindings: bindings, environment: Sandbox.environment(epoch: epoch),
      capabilities: Sandbox.capabilities(of: program.description), command: command,
      userNamespace: userNamespace)
    return (sandbox, made)
  }

  /// Takes away what `sandbox` has mounted.
  func remove(mounts: String) {
    try? Mount.remove(Self.rootMount(in: mounts))
    for name in inputs.keys { try? Mount.remove(Self.inputMount(name, in: mounts)) }
  }

  private static func rootMount(in mounts: String) -> String { mounts + "/root" }
  private static func inputMount(_ name: String, in mounts: String) -> String {
    "\(mounts)/input-\(name)"
  }

  /// - Returns: The folder that was made on the disk, if any.
  private func place(_ input: Input, at mount: String, in room: Room) throws(Failure) -> String? {
    let workspace = room.workspace
    try Files.makeDirectories(mount)
    switch input {
    case .tree(let layers):
      try Mount.overlay(
        [workspace.bottom, workspace.empty] + (try room.folders(layers)), upper: nil, at: mount)
      return nil
    case .files(let files):
      // Beneath a mount of its own, so that what the kernel tells a stage of that mount is the same in
      // every run, and locks on the files stay the stage's.
      let folder = try workspace.folder(.disk)
      for file in files {
        let source = room.store.sourcePath(file.source)
        guard link(source, "\(folder)/\(file.name)") == 0 else { throw .system("link", source) }
      }
      try Mount.overlay([workspace.empty, folder], upper: nil, at: mount)
      return folder
    }
  }

  /// The folders of a stage's tree before it, lowest first: with mount points, and without what its contract hides.
  ///
  /// - Parameters:
  ///   - room: Where the layers are.
  ///   - unseen: A path for the layer that hides files; it is made where there is something to hide.
  /// - Returns: Their paths.
  /// - Throws: When a layer cannot be read, or that one not be made.
  func foldersOfTree(in room: Room, unseen: String) throws(Failure) -> [String] {
    let beneath = try room.folders(tree)
    let lowest = stance == .inTree ? room.workspace.skeleton : room.workspace.empty
    let blindfold = Blindfold(paths: program.description.unseen, layers: beneath)
    return [lowest] + beneath + (try blindfold.make(in: unseen) ? [unseen] : [])
  }

  /// Gives the folder for a tree's changes the looks of the tree's root, which it is to be.
  func dress(_ changes: String, in room: Room) throws(Failure) {
    if let top = try room.folders(tree).last {
      try Self.dress(changes, as: top)
    } else if stance == .inTree {
      // A tree that begins here has these folders of its own, too.
      try Workspace.makeMountPoints(in: changes)
    }
  }

  static func dress(_ folder: String, as other: String) throws(Failure) {
    let info = try Files.information(other)
    guard chown(folder, info.st_uid, info.st_gid) == 0,
      chmod(folder, info.st_mode & 0o7777) == 0,
      utimensat(AT_FDCWD, folder, [info.st_atim, info.st_mtim], 0) == 0
    else { throw .system("prepare", folder) }
  }

  /// Where layers are.
  struct Room {
    var store: Store
    var workspace: Workspace
    var stacks: ShortStacks
    /// Where those are that may not be in the store yet.
    var fresh: [Digest: String] = [:]

    /// The folders that together show what layers show, lowest first.
    func folders(_ layers: [Digest]) throws(Failure) -> [String] {
      try stacks.folders(layers, fresh: fresh)
    }
  }
}

extension StageMounts {
  private static let layers = Schema<[Digest]>.list(of: Digest.schema)

  private static let file = Schema<File>.object(
    Field("name", { $0.name }, .string, "How the stage sees it."),
    Field("source", { $0.source }, Digest.schema, "Its digest."),
    make: { File(name: $0, source: $1) })

  private static let input = Schema<Input>.object(
    Field(
      optional: "tree", { if case .tree(let layers) = $0 { layers } else { nil } }, layers,
      "Its layers."),
    Field(
      optional: "files", { if case .files(let files) = $0 { files } else { nil } },
      .list(of: file), "Its files."),
    make: { tree, files in tree.map(Input.tree) ?? .files(files ?? []) })

  /// As `FailedTree` keeps it.
  static let schema = Schema<StageMounts>.object(
    Field("epoch", { $0.epoch }, Timestamp.schema, "The latest time a file may carry."),
    Field("architecture", { $0.architecture }, .choice, "That of the tree."),
    Field("program", { $0.program }, StageProgram.schema, "What does the work."),
    Field("tree", { $0.tree }, layers, "The layers before the stage."),
    Field(optional: "build", { $0.build }, layers, "The layers with the tools."),
    Field("inputs", { $0.inputs }, .map(of: input), "What it reads."),
    make: {
      StageMounts(epoch: $0, architecture: $1, program: $2, tree: $3, build: $4, inputs: $5)
    })

  private init(
    epoch: Timestamp, architecture: Architecture, program: StageProgram, tree: [Digest],
    build: [Digest]?, inputs: [String: Input]
  ) {
    self.epoch = epoch
    self.architecture = architecture
    self.program = program
    self.tree = tree
    self.build = build
    self.inputs = inputs
  }
}
