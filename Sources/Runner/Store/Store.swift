internal import Files
internal import Glibc
internal import Hashing
internal import JSON
package import Model
internal import Trees

/// The folder that keeps sources, layers and the results of stages from one run to the next.
///
/// Everything in it is written beside its place and renamed, so it is whole or not there.
/// - `sources/sha256/<hex>`: verified content from outside
/// - `layers/<hex>/tree`, `listing`: what one stage changed; the digest is the listing's
/// - `layers/<hex>/boot`: the boot in which the layer was written: nothing waits for the disk, so
///   after the next boot (perhaps a crash came before it) the layer is read once before it is believed
/// - `actions/<hex>`: the result of a stage, by its action's key
/// - `programs/<hex>`: the digest and contract of a stage's executable, by what stat(2) says of it
/// - `outputs/<hex>`: what stat(2) said of an exported file, by its path
/// - `logs/<hex>.log`: what a stage wrote, by its action's key
/// - `failed/<hex>`: what a failed stage changed, when that was to be kept
/// - `parts/<hex>`: downloads that are not complete
/// - `readers`: the number of the group that may read logs, sources and actions, where there is one
/// - `ids`: which ids of the machine the owners of files in layers are
/// - `used/<hex>`: empty; its time is when the source was last used
/// - `runs/<name>`: what a live run uses, with a lock that the run holds
/// - `tmp/<name>`: one folder per run, with a lock that the run holds
package struct Store: Sendable {
  package let root: String
  /// What protects from eviction all that is used by way of this value; nil to use nothing.
  package var lease: Lease?
  /// The group that `prepare` lets read some of it: its name, or `none`; nil to leave it as it is.
  package var readers: String?
  /// The kernel's name for the time since the machine was started.
  package let boot: String

  package init(root: String) {
    self.root = root
    let text = try? Files.readText("/proc/sys/kernel/random/boot_id")
    boot = String((text ?? "unknown").prefix { $0 != "\n" })
  }

  package var exists: Bool { Files.exists(root + "/actions") }

  /// Makes the folders of the store where they are missing, and looks whether it can be used here.
  package func prepare() throws(Failure) {
    try makeDirectories()
    if Mount.isOnOverlay(root) {
      throw Failure(
        "use", "the store \(root)",
        cause: "it is on an overlay file system, which cannot hold layers",
        remedy: "choose one on another file system with --store (in a container: on a volume)")
    }
    try claim()
  }

  package func sourcePath(_ digest: Digest) -> String { "\(root)/sources/sha256/\(digest.hex)" }
  package func partPath(_ digest: Digest) -> String { "\(root)/parts/\(digest.hex)" }
  package func layerPath(_ digest: Digest) -> String { "\(root)/layers/\(digest.hex)" }
  package func treePath(_ digest: Digest) -> String { layerPath(digest) + "/tree" }
  package func failedPath(_ key: Digest) -> String { "\(root)/failed/\(key.hex)" }
  package func logPath(_ key: Digest) -> String { "\(root)/logs/\(key.hex).log" }

  /// Whether the store's file system has less than 1 MiB left.
  package var isFull: Bool {
    var info = statvfs()
    guard statvfs(root, &info) == 0 else { return false }
    return info.f_bavail * info.f_frsize < 1 << 20
  }

  /// Whether a source is here, with its whole size (in bytes).
  package func hasSource(_ digest: Digest, size: Int) -> Bool {
    guard hold(StoreObject(.sources, digest.hex)),
      let info = try? Files.information(sourcePath(digest))
    else { return false }
    return Int(info.st_size) == size
  }

  /// Whether a layer is here with its own listing, and was not cut short by a crash of the machine.
  ///
  /// The files themselves are read once, when the machine was started again since they were written;
  /// all else is for `Verification`.
  package func hasLayer(_ digest: Digest) -> Bool {
    guard Files.exists(treePath(digest)),
      let listing = listing(of: digest),
      SHA256.digest(listing) == digest
    else { return false }
    let mark = layerPath(digest) + "/boot"
    guard let written = try? read(mark, limit: Limits.path), written != Array(boot.utf8) else {
      return true
    }
    guard let survey = try? Survey(of: treePath(digest)), survey.listing.digest == digest else {
      return false
    }
    unlink(mark)
    return true
  }

  /// Reads a file of the store, which may be a stranger's: no link is followed, and nothing but a file is read.
  package func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
    try FileDescriptor.openRegular(path, O_RDONLY | O_NOFOLLOW).readAll(limit: limit, path)
  }

  /// The text of a layer's listing; nil where it is not here.
  package func listing(of layer: Digest) -> [UInt8]? {
    try? read(layerPath(layer) + "/listing", limit: Limits.listing)
  }

  /// Whether it is, and protects the layer.
  func holdsLayer(_ digest: Digest) -> Bool {
    hold(StoreObject(.layers, digest.hex)) && hasLayer(digest)
  }

  /// The result of an action; nil when there is none, or its layer is not here.
  package func result(of key: Digest) -> ActionResult? {
    guard let bytes = try? read("\(root)/actions/\(key.hex)", limit: Limits.document),
      let result = try? JSON.decode(ActionResult.schema, from: bytes, file: "action").get(),
      hold(StoreObject(.actions, key.hex), StoreObject(.layers, result.layer.hex)),
      hasLayer(result.layer)
    else { return nil }
    return result
  }

  /// The keys of all actions that have a result.
  package func keys() throws(Failure) -> [Digest] {
    try Files.entries(in: root + "/actions").compactMap { $0.text.flatMap { Digest(hex: $0) } }
  }

  package func record(_ result: ActionResult, of key: Digest) throws(Failure) {
    let bytes = ActionResult.schema.encode(result).prettyBytes
    _ = hold(StoreObject(.actions, key.hex))
    try Files.writeAtomically(bytes, to: "\(root)/actions/\(key.hex)", mode: fileMode)
  }

  /// Moves a finished layer to its place; drops it when there is one already.
  ///
  /// The folder has `tree` and `listing`, and is on the store's file system.
  package func keep(layer digest: Digest, from folder: String) throws(Failure) {
    _ = hold(StoreObject(.layers, digest.hex))
    try Files.write(Array(boot.utf8), to: folder + "/boot", mode: 0o600)
    let path = layerPath(digest)
    if rename(folder, path) == 0 { return }
    // What cannot be removed, the end of the run puts aside.
    if hasLayer(digest) {
      try? Files.removeTree(folder)
      return
    }
    // What a crash of the machine left. Another run may be about to replace it, too.
    let turn = try FileLock(root + "/lock", .exclusive)
    if hasLayer(digest) {
      try? Files.removeTree(folder)
    } else {
      let bad = try Files.makeTemporaryDirectory(in: root + "/tmp", prefix: "gone-")
      try Files.rename(path, to: bad + "/layer")
      try Files.rename(folder, to: path)
      if let failure = Workspace.discard(bad, of: self) { throw failure }
    }
    _ = consume turn
  }
}

/// What a run of a stage gave.
package struct ActionResult: Sendable, Equatable {
  package var layer: Digest
  /// How long the stage took.
  package var milliseconds: Int
  /// The stage's type, for people; nil in stores of earlier versions.
  package var type: String?

  package init(layer: Digest, milliseconds: Int, type: String?) {
    self.layer = layer
    self.milliseconds = milliseconds
    self.type = type
  }

  package static let schema = Schema<ActionResult>.object(
    Field("layer", { $0.layer }, Digest.schema, "What the stage changed."),
    Field("milliseconds", { $0.milliseconds }, .integer(0...Int.max), "How long it took."),
    Field(optional: "type", { $0.type }, .string, "The stage's type."),
    make: { ActionResult(layer: $0, milliseconds: $1, type: $2) })
}
