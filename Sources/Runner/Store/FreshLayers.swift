internal import Files
internal import Model
internal import Processes
internal import Synchronization

/// The layers of this run that are whole, but in memory: they are on their way to the store.
///
/// The next stage reads them where they are, and so does not wait for the disk.
package final class FreshLayers: Sendable {
  private struct Layer {
    /// What is removed when the layer is in the store and nobody reads it here any more.
    var folder: String
    var users = 0
    var isWritten = false
  }

  private struct State {
    var layers: [Digest: Layer] = [:]
    var results: [Digest: ActionResult] = [:]
    var writing = 0
    var error: (any Error)?
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  package init() {}

  /// The result of an action of this run that may not be in the store yet.
  func result(of key: Digest) -> ActionResult? { state.withLock { $0.results[key] } }

  /// Writes a layer to the store, and then what an action's result is, while the run goes on.
  ///
  /// - Parameters:
  ///   - result: Names the layer.
  ///   - key: The action's.
  ///   - folder: Has the layer's `tree` and `listing`; it belongs to this value from now on.
  ///   - store: Where it all is to be.
  ///   - children: Told that this is work to wait for.
  ///   - write: Makes a folder with `tree` and `listing` on the store's file system.
  ///   - failed: Is called when that could not be done; `wait` throws the same.
  func keep(
    _ result: ActionResult, of key: Digest, in folder: String, store: Store, children: Children,
    write: @escaping @Sendable () throws -> String, failed: @escaping @Sendable () -> Void
  ) {
    let isNew = state.withLock { state in
      state.results[key] = result
      state.writing += 1
      guard state.layers[result.layer] == nil else { return false }
      state.layers[result.layer] = Layer(folder: folder)
      return true
    }
    if !isNew { try? Files.removeTree(folder) }
    startThread { [self] in
      let outcome = Result {
        try children.whileKeeping {
          // Another action of this run may be about to write the same layer: it comes first.
          if isNew, !store.holdsLayer(result.layer) {
            try store.keep(layer: result.layer, from: write())
          }
          try store.record(result, of: key)
        }
      }
      finish(isNew ? result.layer : nil, outcome, failed)
    }
  }

  private func finish(
    _ layer: Digest?, _ outcome: Result<Void, any Error>, _ failed: () -> Void
  ) {
    let (unused, waiting) = state.withLock { state in
      state.writing -= 1
      if case .failure(let error) = outcome { state.error = state.error ?? error }
      var unused: String?
      if let layer {
        state.layers[layer]?.isWritten = true
        unused = Self.drop(layer, &state)
      }
      guard state.writing == 0 else { return (unused, [CheckedContinuation<Void, Never>]()) }
      defer { state.waiting = [] }
      return (unused, state.waiting)
    }
    if let unused { try? Files.removeTree(unused) }
    if case .failure = outcome { failed() }
    for turn in waiting { turn.resume() }
  }

  /// The text of a layer's listing, while the layer is here.
  func listing(of layer: Digest) -> [UInt8]? {
    guard let folder = state.withLock({ $0.layers[layer]?.folder }) else { return nil }
    return try? Files.read(folder + "/listing", limit: Limits.listing)
  }

  /// Where the trees of those layers are that are here; they stay until they are given back.
  func borrow(_ layers: Set<Digest>) -> [Digest: String] {
    state.withLock { state in
      var trees: [Digest: String] = [:]
      for layer in layers {
        guard let fresh = state.layers[layer] else { continue }
        state.layers[layer]?.users += 1
        trees[layer] = fresh.folder + "/tree"
      }
      return trees
    }
  }

  func giveBack(_ trees: [Digest: String]) {
    let unused = state.withLock { state in
      trees.keys.compactMap { layer in
        state.layers[layer]?.users -= 1
        return Self.drop(layer, &state)
      }
    }
    for folder in unused { try? Files.removeTree(folder) }
  }

  /// The folder to remove, when the layer is not needed here any more.
  private static func drop(_ layer: Digest, _ state: inout State) -> String? {
    guard let fresh = state.layers[layer], fresh.isWritten, fresh.users == 0 else { return nil }
    state.layers[layer] = nil
    return fresh.folder
  }

  /// Waits until everything is in the store.
  ///
  /// - Throws: Why something could not be written.
  func wait() async throws {
    await withCheckedContinuation { turn in
      let isDone = state.withLock { state in
        if state.writing > 0 { state.waiting.append(turn) }
        return state.writing == 0
      }
      if isDone { turn.resume() }
    }
    if let error = state.withLock(\.error) { throw error }
  }
}
