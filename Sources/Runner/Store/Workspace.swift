internal import Files
internal import Glibc
package import Model
internal import Synchronization

/// One run's own folder in the store, for all that is not finished.
///
/// `mounts` is a file system in memory that holds the mount points and, where there is room, what
/// stages write; `disk` is on the store's file system.
package final class Workspace: Sendable {
  /// Where a stage writes while it works.
  package enum Place: String, Sendable {
    case memory, disk

    /// Memory when the machine has 4 GiB to spare.
    package static var preferred: Place { Workspace.availableMemory() > 4 << 30 ? .memory : .disk }
  }

  package let path: String
  /// Where stages are to write if nothing speaks against it.
  package let place: Place
  /// What earlier runs left and nobody could remove; it is put aside.
  package let leftOver: [Failure]
  private let lock: FileLock
  private let count = Mutex(0)
  private let isRemoved = Mutex(false)
  private let views = Mutex([String: String]())

  /// Makes the folder and its mounts, and removes what runs that are gone have left.
  ///
  /// Where `place` is nil, it is memory when the machine has 4 GiB to spare.
  package init(in store: Store, place: Place?) throws(Failure) {
    let folder = store.root + "/tmp"
    // Nobody sees a run's folder before the run has its lock.
    let turn = try FileLock(store.root + "/lock", .exclusive)
    leftOver = try Self.sweep(store)
    path = try Files.makeTemporaryDirectory(in: folder, prefix: "run-")
    lock = try FileLock(path + ".lock", .exclusive)
    _ = consume turn
    // What a machine's folders hand down to new files is nothing of a stage's.
    try? Files.removeAttribute("system.posix_acl_default", of: path)
    try Files.makeDirectories(path + "/mounts")
    try Files.makeDirectories(path + "/disk")
    let available = Self.availableMemory()
    try Mount.memory(at: path + "/mounts", limit: max(64 << 20, available / 4 * 3))
    // Before Linux 6.6 memory cannot hold what a user's overlay has to note.
    let canHoldNotes =
      !UserNamespace.isOwn
      || (try? Files.setAttribute(Mount.opaque, of: path + "/mounts")) != nil
    self.place = canHoldNotes ? place ?? .preferred : .disk
    try Files.makeDirectories(path + "/mounts/bottom")
    try Files.makeDirectories(path + "/mounts/empty")
    try Self.makeMountPoints(in: path + "/mounts/skeleton")
  }

  /// Makes the folders that a root needs for the sandbox's own mounts.
  static func makeMountPoints(in folder: String) throws(Failure) {
    for (name, mode) in [("proc", 0o755), ("dev", 0o755), ("tmp", 0o1777), ("run", 0o755)] {
      try Files.makeDirectories("\(folder)/\(name)")
      guard chmod("\(folder)/\(name)", mode_t(mode)) == 0 else {
        throw .system("set the mode of", "\(folder)/\(name)")
      }
    }
  }

  /// An empty folder: the lowest layer of a tree.
  package var empty: String { path + "/mounts/empty" }
  /// Another empty folder: a read-only overlay wants two layers at least, and not one twice.
  package var bottom: String { path + "/mounts/bottom" }
  /// The folders for the sandbox's own mounts: the lowest layer of such a tree.
  package var skeleton: String { path + "/mounts/skeleton" }

  /// A new empty folder in memory (small things only, unless `self.place` is memory) or on the disk.
  package func folder(_ place: Place) throws(Failure) -> String {
    let number = count.withLock { count in
      count += 1
      return count
    }
    let folder = "\(path)/\(place == .memory ? "mounts" : "disk")/\(number)"
    try Files.makeDirectories(folder)
    return folder
  }

  /// A file of the host's as stages are shown it: on a mount that nobody can write to, and of which the kernel
  /// tells no more than the file's name.
  ///
  /// Where the kernel makes no such mount of the file's folder, as for a folder that is itself on several
  /// overlays, this is the file itself.
  func view(of file: String) throws(Failure) -> String {
    guard let slash = file.lastIndex(of: "/"), slash > file.startIndex else { return file }
    let parent = String(file[..<slash])
    let view = try views.withLock { (views) throws(Failure) in
      if let known = views[parent] { return known }
      let mount = try folder(.memory)
      let isMounted = (try? Mount.overlay([empty, parent], upper: nil, at: mount)) != nil
      views[parent] = isMounted ? mount : parent
      return isMounted ? mount : parent
    }
    return view + file[slash...]
  }

  /// What the trees in memory may hold together, in bytes.
  package var capacity: Int {
    var info = statvfs()
    guard statvfs(path + "/mounts", &info) == 0 else { return 0 }
    return Int(info.f_blocks) * Int(info.f_frsize)
  }

  /// Whether the memory that stages write to is used up.
  package var isMemoryFull: Bool {
    var info = statvfs()
    guard statvfs(path + "/mounts", &info) == 0 else { return false }
    return info.f_bavail * info.f_frsize < 1 << 20
  }

  /// Removes the mounts and the folder.
  ///
  /// Stages must not be running any more.
  package func remove() {
    isRemoved.withLock { isRemoved in
      // First the mounts: what is removed after that is only what is really in the folder.
      guard !isRemoved, (try? Mount.remove(path + "/mounts")) != nil else { return }
      isRemoved = true
      try? Files.removeTree(path)
      unlink(path + ".lock")
    }
  }

  /// Removes what is needed no more; what cannot be removed stays in the workspace until the end of the run.
  func drop(_ place: String) throws(Failure) {
    do { try Files.removeTree(place) } catch {
      try Files.rename(place, to: try folder(.disk) + "/left")
    }
  }

  /// Removes the folders of runs that do not hold their lock any more.
  ///
  /// Who calls this holds the store's lock: a run makes its folder and takes that folder's lock
  /// under it.
  ///
  /// - Returns: What could not be removed, and where it is now: it is not in the way of later runs.
  /// - Throws: When the store cannot be read or written.
  static func sweep(_ store: Store) throws(Failure) -> [Failure] {
    let folder = store.root + "/tmp"
    var left: [Failure] = []
    for name in try Files.entries(in: folder).compactMap(\.text) where !name.hasSuffix(".lock") {
      let path = folder + "/" + name
      guard let lock = try FileLock.attempt(path + ".lock", .exclusive) else { continue }
      if let failure = discard(path, of: store) { left.append(failure) }
      unlink(path + ".lock")
      _ = consume lock
    }
    return left
  }

  /// Removes a folder of `tmp`, or puts it aside where it cannot be removed.
  ///
  /// - Returns: In that case what is in the way, and where it is now.
  static func discard(_ path: String, of store: Store) -> Failure? {
    do throws(Failure) {
      try Files.removeTree(path)
      return nil
    } catch {
      var place = path
      do throws(Failure) {
        let folder = store.root + "/left"
        try Files.makeDirectories(folder, mode: 0o700)
        let aside = "\(folder)/\(path.split(separator: "/").last ?? "")-\(getpid())"
        try Files.rename(path, to: aside)
        place = aside
      } catch {
        // It stays where it is; the next run tries again.
      }
      return Failure(
        "remove", "what an earlier run left", cause: "\(error)",
        remedy: "it is in \(place): find out what is using it, then run 'particle store gc' again",
        code: error.code)
    }
  }

  /// In bytes; 0 when the kernel does not say.
  private static func availableMemory() -> Int {
    guard let text = try? Files.readText("/proc/meminfo") else { return 0 }
    for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
      return (Int(line.split(separator: " ")[1]) ?? 0) * 1024
    }
    return 0
  }
}
