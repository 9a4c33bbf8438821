internal import CLinux
internal import Glibc
package import Model

extension Files {
  /// Removes a file, or a folder with all that is in it; nothing where there is none.
  ///
  /// The tree may have any depth and any names, folders that nobody may read, and files that are marked as immutable
  /// where this process may take the mark away.
  ///
  /// - Throws: Names what could not be removed first; everything else is gone then.
  package static func removeTree(_ path: String) throws(Failure) {
    try removeTree(Spot(AT_FDCWD, ByteString(path)) { path })
  }

  /// The same of a name in an open folder.
  package static func removeTree(_ place: Spot) throws(Failure) {
    defer { withExtendedLifetime(place) {} }
    let (folder, name) = (place.folder, place.name)
    var info = stat()
    let status = name.withCString { fstatat(folder, $0, &info, AT_SYMLINK_NOFOLLOW) }
    guard status == 0 else { return }
    let isFolder = info.st_mode & S_IFMT == S_IFDIR
    if isFolder {
      if info.st_mode & 0o700 != 0o700 { _ = name.withCString { fchmodat(folder, $0, 0o700, 0) } }
      var removal = Removal(try Descent(place))
      try removal.run()
    }
    func attempt() -> Bool {
      name.withCString { unlinkat(folder, $0, isFolder ? AT_REMOVEDIR : 0) } == 0
        || errno == ENOENT
    }
    if attempt() { return }
    let failure = Failure.system("remove", place.label)
    makeChangeable(folder, name)
    guard attempt() else { throw failure }
  }

  /// What a file, or a folder with all that is in it, takes on the disk, in bytes; of files with several names once.
  package static func diskUse(of path: String) throws(Failure) -> Int {
    let top = try information(path)
    var size = Int(top.st_blocks) * 512
    guard top.st_mode & S_IFMT == S_IFDIR else { return size }
    var way = try Descent(Spot(AT_FDCWD, ByteString(path)) { path })
    var seen: Set<ino_t> = []
    var waiting = [try folders(of: way, &size, &seen)]
    while let last = waiting.indices.last {
      if let name = waiting[last].popLast() {
        try way.enter(name)
        waiting.append(try folders(of: way, &size, &seen))
      } else {
        waiting.removeLast()
        if !waiting.isEmpty { _ = try way.leave() }
      }
    }
    return size
  }

  /// Counts what is in a folder.
  ///
  /// - Returns: The folders of them.
  private static func folders(
    of way: borrowing Descent, _ size: inout Int, _ seen: inout Set<ino_t>
  ) throws(Failure) -> [ByteString] {
    var folders: [ByteString] = []
    let raw = way.folder.raw
    for entry in try entries(ofOpen: raw, way.label()) {
      var info = stat()
      let status = entry.name.withCString { fstatat(raw, $0, &info, AT_SYMLINK_NOFOLLOW) }
      guard status == 0 else { throw .system("inspect", way.label(entry.name)) }
      let isFolder = info.st_mode & S_IFMT == S_IFDIR
      if !isFolder, info.st_nlink > 1, !seen.insert(info.st_ino).inserted { continue }
      size += Int(info.st_blocks) * 512
      if isFolder { folders.append(entry.name) }
    }
    return folders
  }

  /// Takes the marks from a file that let nobody change or remove it; without effect where there are none, or only
  /// others may.
  fileprivate static func makeChangeable(_ folder: Int32, _ name: ByteString) {
    let flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC
    let raw = name.withCString { openat(folder, $0, flags) }
    guard raw >= 0 else { return }
    _ = particle_make_changeable(raw)
    close(raw)
  }
}

/// Empties a folder.
private struct Removal: ~Copyable {
  private var way: Descent
  /// What is left of each folder from the root to here.
  private var waiting: [[FolderEntry]] = []
  private var failure: Failure?

  init(_ way: consuming Descent) { self.way = way }

  mutating func run() throws(Failure) {
    waiting = [try Files.entries(ofOpen: way.folder.raw, way.label())]
    while let last = waiting.indices.last {
      if let entry = waiting[last].popLast() {
        if entry.isFolder ?? isFolder(entry.name) {
          enter(entry.name)
        } else {
          remove(entry.name, 0)
        }
      } else {
        waiting.removeLast()
        if waiting.isEmpty { break }
        remove(try way.leave(), AT_REMOVEDIR)
      }
    }
    if let failure { throw failure }
  }

  private mutating func remove(_ name: ByteString, _ flags: Int32) {
    let folder = way.folder.raw
    func attempt() -> Bool {
      name.withCString { unlinkat(folder, $0, flags) } == 0 || errno == ENOENT
    }
    if attempt() { return }
    let first = Failure.system("remove", way.label(name))
    if first.code == EPERM || first.code == EACCES {
      if first.code == EACCES { fchmod(folder, 0o700) }
      _ = particle_make_changeable(folder)
      Files.makeChangeable(folder, name)
      if attempt() { return }
    }
    failure = failure ?? first
  }

  private func isFolder(_ name: ByteString) -> Bool {
    var info = stat()
    let status = name.withCString { fstatat(way.folder.raw, $0, &info, AT_SYMLINK_NOFOLLOW) }
    return status == 0 && info.st_mode & S_IFMT == S_IFDIR
  }

  private mutating func enter(_ name: ByteString) {
    do throws(Failure) {
      do throws(Failure) { try way.enter(name) } catch {
        guard error.code == EACCES else { throw error }
        _ = name.withCString { fchmodat(way.folder.raw, $0, 0o700, 0) }
        try way.enter(name)
      }
    } catch {
      if error.code != ENOENT { failure = failure ?? error }
      return
    }
    // Going back needs the right to search it.
    var info = stat()
    if fstat(way.folder.raw, &info) == 0, info.st_mode & 0o700 != 0o700 {
      fchmod(way.folder.raw, 0o700)
    }
    do throws(Failure) {
      waiting.append(try Files.entries(ofOpen: way.folder.raw, way.label()))
    } catch {
      failure = failure ?? error
      waiting.append([])
    }
  }
}
