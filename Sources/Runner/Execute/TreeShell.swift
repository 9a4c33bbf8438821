internal import Files
internal import Glibc
package import Model
internal import Processes
internal import Synchronization
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
    // By its own names: what a link leads to is the host's from here.
    let tree = LayerStack(layers.map(store.treePath))
    guard ["/bin/sh", "/usr/bin/sh"].contains(where: { (try? tree.find($0)) != nil }) else {
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
    let terminal = getenv("TERM").map { String(cString: $0) } ?? "dumb"
    let shell = ["/bin/sh", "-c", "test -x /bin/bash && exec bash || exec sh"]
    let sandbox = Sandbox(
      root: .tree(mount, isWritable: true), bindings: [],
      environment: Sandbox.environment(epoch: epoch).merging(["TERM": terminal]) { $1 },
      capabilities: Sandbox.systemCapabilities,
      command: command.isEmpty ? shell : ["/bin/sh", "-c", "exec \"$@\"", "sh"] + command)
    // A session of its own would have no terminal to control jobs with.
    let words = sandbox.arguments(initProgram: try workspace.view(of: try Host.initProgram.get()))
      .filter { $0 != "--new-session" }
    let filter = try FileDescriptor.inMemory(SeccompFilter.bytes)
    // Ctrl-C reaches the shell as well: how it responds decides whether this ends.
    signal(SIGINT, SIG_IGN)
    signal(SIGQUIT, SIG_IGN)
    // A signal that asks this program to end is passed on to the command.
    let told = Mutex<Int32>(0)
    let streams = ShellStreams(
      words: words.prefix(1) + ["--seccomp", "9"] + words.dropFirst(), filter: filter.raw)
    let ending = try streams.run { process in
      startThread {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGTERM, SIGHUP] { sigaddset(&set, number) }
        var number: Int32 = 0
        guard sigwait(&set, &number) == 0 else { return }
        told.withLock { $0 = number }
        // What carries a terminal over gives ours back first; what it has started ends with it.
        kill(process, SIGTERM)
      }
    }
    let number = told.withLock(\.self)
    if number != 0 { return 128 + number }
    switch ending {
    case .exit(let status): return status
    case .signal(let number): return 128 + number
    }
  }
}
