internal import Files
internal import Glibc
internal import JSON
package import Model

/// The tree of a stage that failed, kept so that people can look around in it.
///
/// In `failed/<key>` of the store: `changes`, what the stage has changed; `request.json`, what it was told; and
/// `view.json`, what else it was shown.
package struct FailedTree: Sendable {
  package let folder: String

  private var changes: String { folder + "/changes" }
  private var request: String { folder + "/request.json" }
  private var view: String { folder + "/view.json" }

  /// Where the stage's request is in the shell's tree.
  package static let requestPlace = "/run/particle/request.json"

  init(at folder: String) { self.folder = folder }

  /// A command line that opens a shell in it.
  var command: String { "particle shell " + shellWord(folder) }

  /// Moves what the stage has changed (a folder) to its place, and puts beside it what is needed to look at it as the
  /// stage did.
  ///
  /// - Parameters:
  ///   - changes: The folder.
  ///   - request: As the stage read it.
  ///   - shown: What else it was shown.
  /// - Throws: When something of it can't be written.
  func keep(_ changes: String, request: [UInt8], _ shown: StageMounts) throws(Failure) {
    try Files.removeTree(folder)
    try Files.makeDirectories(folder)
    try Files.rename(changes, to: self.changes)
    try Files.write(request, to: self.request)
    try Files.write(StageView.schema.encode(shown.view).prettyBytes, to: view)
  }

  /// Whether there is a shell in what the stage saw as its root.
  func hasShell(_ shown: StageMounts, in store: Store) -> Bool {
    let isInTree = shown.stance == .inTree
    let layers = isInTree ? shown.view.tree : shown.view.build ?? []
    return ShellSession.isPossible(in: layers.map(store.treePath) + (isInTree ? [changes] : []))
  }
}

extension FailedTree {
  /// One that an earlier run has kept.
  ///
  /// - Parameter folder: Its path, as the message of the failure has it.
  /// - Throws: When nothing is kept there.
  package init(kept folder: String) throws(Failure) {
    self.folder = absolutePath(folder)
    let parts = self.folder.split(separator: "/")
    guard parts.count > 2, parts[parts.count - 2] == "failed", store.exists,
      isFolder(self.folder), isFolder(changes), Files.exists(view)
    else {
      throw Failure(
        "open", "the tree in \(folder)", cause: "it is not the tree of a stage that failed",
        remedy: "name a manifest, or the directory that a build with --keep-failed has named")
    }
  }

  /// The store that it is in.
  package var store: Store {
    Store(root: Files.directory(of: Files.directory(of: folder)))
  }

  /// Runs a command in the sandbox that the stage had; what it changes is thrown away.
  ///
  /// - Parameters:
  ///   - command: Its words; none for a shell.
  ///   - stages: Where the stage's program is, learnt before `Host.prepare`.
  ///   - store: The store that the tree is in, leased.
  /// - Returns: Its exit status, as a shell has it.
  /// - Throws: When the store lacks what the tree stands on, or it cannot be mounted.
  package func run(_ command: [String], _ stages: StageFolders, in store: Store) throws -> Int32 {
    let shown = try read(stages)
    let key = folder.split(separator: "/").last.map(String.init) ?? ""
    let objects = shown.view.objects
    for object in objects + [StoreObject(.actions, key)] where !store.hold(object) { break }
    let isWhole = objects.allSatisfy { object in
      let path = "\(store.root)/\(object.name)"
      return object.kind == .layers
        ? isFolder(path) && isFolder(path + "/tree") : Files.exists(path)
    }
    guard isWhole else {
      throw Failure(
        "open", "the tree in \(folder)", cause: "the store no longer has all that it stands on",
        remedy: "run the build again, with --keep-failed")
    }
    let lazy = LazyWorkspace(in: store, place: nil) { _ in }
    let workspace = try lazy.open()
    defer { lazy.remove() }
    let room = StageMounts.Room(
      store: store, workspace: workspace, stacks: ShortStacks(store: store, workspace: lazy))
    let own = try workspace.folder(workspace.place)
    for name in ["changes", "work"] { try Files.makeDirectories("\(own)/\(name)") }
    try StageMounts.dress(own + "/changes", as: changes)
    let mounts = try workspace.folder(.memory)
    let tree = mounts + "/tree"
    try Files.makeDirectories(tree)
    try Mount.overlay(
      try shown.foldersOfTree(in: room, unseen: own + "/unseen") + [changes],
      upper: Mount.Upper(changes: own + "/changes", work: own + "/work"), at: tree)
    let emulation = try Emulation.find(
      for: shown.view.architecture, in: try workspace.folder(.memory))
    var (sandbox, folders) = try shown.sandbox(
      tree: tree, mounts: mounts, in: room, command: ShellSession.words(command),
      userNamespace: emulation.userNamespace)
    defer {
      try? Mount.remove(tree)
      shown.remove(mounts: mounts)
      for folder in folders { try? Files.removeTree(folder) }
    }
    // A copy, of which the kernel tells no more than its name.
    let copy = try workspace.folder(.memory) + "/request.json"
    try Files.write(try readOwn(request), to: copy)
    sandbox.bindings.append(
      Sandbox.Binding(try workspace.view(of: copy), at: Self.requestPlace))
    return try ShellSession(sandbox: sandbox, workspace: workspace).run()
  }

  private func read(_ stages: StageFolders) throws -> StageMounts {
    let view = try JSON.decode(StageView.schema, from: try readOwn(view), file: view).get()
    guard let program = stages.path(of: view.type) else {
      throw Failure(
        "open", "the tree in \(folder)", cause: "no stage is named '\(view.type)'",
        remedy: "set PARTICLE_STAGES to the directory that has it, as for the build")
    }
    return StageMounts(view: view, program: try StageProgram.load(program, store: nil))
  }

  /// Reads a file of the folder: a link or a pipe is none that we have put there.
  private func readOwn(_ path: String) throws(Failure) -> [UInt8] {
    let file = try FileDescriptor.openRegular(path, O_RDONLY | O_NOFOLLOW)
    return try file.readAll(limit: 64 << 20, path)
  }

  private func isFolder(_ path: String) -> Bool {
    var info = stat()
    return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
  }
}

/// A path that does not depend on the working directory.
func absolutePath(_ path: String) -> String {
  guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
  defer { free(folder) }
  return String(cString: folder) + "/" + path
}
