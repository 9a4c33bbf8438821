internal import Files
internal import Glibc
internal import JSON
package import Model

/// The tree of a stage that failed, kept so that people can look around in it.
///
/// In `failed/<key>` of the store: `changes`, what the stage has changed; `request.json`, what it was told; and
/// `mounts.json`, what else it was shown.
package struct FailedTree: Sendable {
  package let folder: String

  private var changes: String { folder + "/changes" }
  private var request: String { folder + "/request.json" }
  private var mounts: String { folder + "/mounts.json" }

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
    try Files.write(StageMounts.schema.encode(shown).prettyBytes, to: mounts)
  }

  /// Whether there is a shell in what the stage saw as its root.
  func hasShell(_ shown: StageMounts, in store: Store) -> Bool {
    let isInTree = shown.stance == .inTree
    let layers = isInTree ? shown.tree : shown.build ?? []
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
    guard parts.count > 2, parts[parts.count - 2] == "failed", Files.exists(mounts) else {
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
  ///   - store: The store that the tree is in, leased.
  /// - Returns: Its exit status, as a shell has it.
  /// - Throws: When the store lacks what the tree stands on, or it cannot be mounted.
  package func run(_ command: [String], in store: Store) throws -> Int32 {
    let shown = try JSON.decode(
      StageMounts.schema, from: try Files.read(mounts), file: mounts
    ).get()
    let key = folder.split(separator: "/").last.map(String.init) ?? ""
    let objects = shown.objects + [StoreObject(.actions, key)]
    for object in objects where !store.hold(object) { break }
    guard shown.objects.allSatisfy({ Files.exists("\(store.root)/\($0.name)") }) else {
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
      for: shown.architecture, in: try workspace.folder(.memory))
    var (sandbox, folders) = try shown.sandbox(
      tree: tree, mounts: mounts, in: room, command: ShellSession.words(command),
      userNamespace: emulation.userNamespace)
    defer {
      try? Mount.remove(tree)
      shown.remove(mounts: mounts)
      for folder in folders { try? Files.removeTree(folder) }
    }
    sandbox.bindings.append(Sandbox.Binding(request, at: Self.requestPlace))
    return try ShellSession(sandbox: sandbox, workspace: workspace).run()
  }
}

/// A path that does not depend on the working directory.
func absolutePath(_ path: String) -> String {
  guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
  defer { free(folder) }
  return String(cString: folder) + "/" + path
}
