internal import Files
internal import Glibc
internal import Model
internal import Trees

/// What a stage is shown, and how it is mounted: what it reads of a store, and its program.
struct StageMounts: Sendable {
  var view: StageView
  var program: StageProgram

  var stance: Stance { program.description.stance }

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
    for (name, input) in view.inputs.sorted(by: { $0.key < $1.key }) {
      let mount = Self.inputMount(name, in: mounts)
      if let folder = try place(input, at: mount, in: room) { made.append(folder) }
      bindings.append(Sandbox.Binding(mount, at: "\(StageRequest.inputsPath)/\(name)"))
    }
    var root = Sandbox.Root.tree(tree, isWritable: true)
    if stance == .onTree {
      bindings.append(Sandbox.Binding(tree, at: StageRequest.treePath, isWritable: true))
      root = .empty
      if let build = view.build {
        let mount = Self.rootMount(in: mounts)
        try Files.makeDirectories(mount)
        try Mount.overlay(
          [room.workspace.bottom, room.workspace.skeleton] + (try room.folders(build)), upper: nil,
          at: mount)
        root = .tree(mount, isWritable: false)
      }
    }
    let sandbox = Sandbox(
      root: root, bindings: bindings, environment: Sandbox.environment(epoch: view.epoch),
      capabilities: Sandbox.capabilities(of: program.description), command: command,
      userNamespace: userNamespace)
    return (sandbox, made)
  }

  /// Takes away what `sandbox` has mounted.
  func remove(mounts: String) {
    try? Mount.remove(Self.rootMount(in: mounts))
    for name in view.inputs.keys { try? Mount.remove(Self.inputMount(name, in: mounts)) }
  }

  private static func rootMount(in mounts: String) -> String { mounts + "/root" }
  private static func inputMount(_ name: String, in mounts: String) -> String {
    "\(mounts)/input-\(name)"
  }

  /// - Returns: The folder that was made on the disk, if any.
  private func place(_ input: StageView.Input, at mount: String, in room: Room) throws(Failure)
    -> String?
  {
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
    let beneath = try room.folders(view.tree)
    let lowest = stance == .inTree ? room.workspace.skeleton : room.workspace.empty
    let blindfold = Blindfold(paths: program.description.unseen, layers: beneath)
    return [lowest] + beneath + (try blindfold.make(in: unseen) ? [unseen] : [])
  }

  /// Gives the folder for a tree's changes the looks of the tree's root, which it is to be.
  func dress(_ changes: String, in room: Room) throws(Failure) {
    if let top = try room.folders(view.tree).last {
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
