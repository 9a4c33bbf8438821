internal import Files
internal import Model
internal import Synchronization
internal import Trees

/// Puts merged layers in place of many, so that an overlay never has many folders: each of them costs
/// time in every look at a file, and the kernel takes about 200.
///
/// Small layers that follow each other are merged sixteen at a time: that is a few files, copied once
/// in a run. Where that leaves too many, larger ones are merged, too.
final class ShortStacks: Sendable {
  private let store: Store
  private let workspace: LazyWorkspace
  private let known = Mutex(Known())

  private struct Known {
    var sizes: [Digest: Size] = [:]
    /// Where the merged layers are, by what they stand for.
    var folders: [[Digest]: String] = [:]
  }

  private struct Size {
    var files: Int
    var bytes: Int

    func fits(_ scale: Int) -> Bool { files <= 64 * scale && bytes <= scale << 20 }
  }

  /// How many layers become one.
  private static let group = 16
  /// How many folders an overlay is to have at most.
  private static let most = 120

  init(store: Store, workspace: LazyWorkspace) {
    self.store = store
    self.workspace = workspace
  }

  /// The folders that together show what layers show.
  ///
  /// - Parameters:
  ///   - layers: Lowest first.
  ///   - fresh: Where those are that may not be in the store yet.
  /// - Returns: The folders, lowest first.
  /// - Throws: When a layer cannot be read or a merged one not be written.
  func folders(_ layers: [Digest], fresh: [Digest: String]) throws(Failure) -> [String] {
    func path(_ layer: Digest) -> String { fresh[layer] ?? store.treePath(layer) }
    if layers.count < Self.group { return layers.map(path) }
    return try known.withLock { (known) throws(Failure) in
      var scale = 1
      while true {
        var groups: [[Digest]] = []
        var run: [Digest] = []
        for layer in layers {
          guard fresh[layer] == nil, try size(of: layer, &known).fits(scale) else {
            groups += run.map { [$0] } + [[layer]]
            run = []
            continue
          }
          run.append(layer)
          if run.count == Self.group {
            groups.append(run)
            run = []
          }
        }
        groups += run.map { [$0] }
        if groups.count > Self.most, scale < 1 << 40 {
          scale *= 8
          continue
        }
        return try groups.map { (group) throws(Failure) in
          group.count == 1 ? path(group[0]) : try merged(group, &known)
        }
      }
    }
  }

  private func size(of layer: Digest, _ known: inout Known) throws(Failure) -> Size {
    if let size = known.sizes[layer] { return size }
    let size = Listing.size(
      of: try store.read(store.layerPath(layer) + "/listing", limit: Limits.listing))
    known.sizes[layer] = Size(files: size.files, bytes: size.bytes)
    return Size(files: size.files, bytes: size.bytes)
  }

  private func merged(_ layers: [Digest], _ known: inout Known) throws(Failure) -> String {
    if let folder = known.folders[layers] { return folder }
    let folder = try workspace.open().folder(.disk) + "/tree"
    try MergedTree(layers, in: store, as: .layer).write(to: folder)
    known.folders[layers] = folder
    return folder
  }
}
