internal import Files
package import Model
internal import Trees

/// A shell in a tree that is in the store, with the walls of a stage; what it changes is thrown away.
package struct TreeShell: Sendable {
  /// The pipeline whose finished tree it is.
  package let pipeline: String
  private let layers: [Digest]
  private let epoch: Timestamp
  private let store: Store

  /// - Parameters:
  ///   - manifest: What was built.
  ///   - wanted: The name of a pipeline; nil for the system of the last image.
  ///   - stages: Where the stages are, learnt before `Host.prepare`.
  ///   - store: Where its layers are.
  /// - Throws: When there is no such pipeline, or a stage of it has no result in the store.
  package init(
    _ manifest: Manifest, pipeline wanted: String?, _ stages: StageFolders, in store: Store
  )
    throws
  {
    let built = try BuiltTrees(manifest, stages, in: store)
    let names = built.plan.pipelines.map(\.name)
    if let wanted, !names.has(wanted) {
      throw Refusal(diagnostics: [
        Diagnostic(
          "the manifest has no pipeline '\(wanted)'",
          remedy: "choose one of \(names.joined(separator: ", "))")
      ])
    }
    pipeline = wanted ?? built.systems.last?.name ?? ""
    layers = try built.layers(of: pipeline)
    guard ShellSession.isPossible(in: layers.map(store.treePath)) else {
      throw Failure(
        "open", "a shell in the tree of '\(pipeline)'", cause: "it has no /bin/sh",
        remedy: "choose one of \(built.systems.map(\.name).joined(separator: ", "))")
    }
    epoch = manifest.epoch
    self.store = store
  }

  /// Runs a command, whose streams are carried over to ours, and waits for its end.
  ///
  /// - Parameter command: Its words; none for a shell.
  /// - Returns: Its exit status, as a shell has it.
  /// - Throws: When the tree cannot be mounted.
  package func run(_ command: [String]) throws(Failure) -> Int32 {
    let lazy = LazyWorkspace(in: store, place: nil) { _ in }
    let workspace = try lazy.open()
    defer { lazy.remove() }
    let mount = try workspace.folder(.memory)
    defer { try? Mount.remove(mount) }
    let folder = try workspace.folder(workspace.place)
    for name in ["changes", "work"] { try Files.makeDirectories("\(folder)/\(name)") }
    let stacks = ShortStacks(store: store, workspace: lazy)
    try Mount.overlay(
      [workspace.skeleton] + (try stacks.folders(layers, fresh: [:])),
      upper: Mount.Upper(changes: folder + "/changes", work: folder + "/work"), at: mount)
    let sandbox = Sandbox(
      root: .tree(mount, isWritable: true), bindings: [],
      environment: Sandbox.environment(epoch: epoch), capabilities: Sandbox.systemCapabilities,
      command: ShellSession.words(command))
    return try ShellSession(sandbox: sandbox, workspace: workspace).run()
  }
}
