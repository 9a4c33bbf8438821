internal import CLinux
internal import Files
internal import Glibc
internal import Model
internal import Tar

/// Where a file of an archive comes to stand: a folder that is open, and the name in it.
struct ArchivePlace: ~Copyable {
  let folder: FileDescriptor
  let name: ByteString

  /// The same for calls that only take a path.
  var fullPath: [UInt8] { Array("/proc/self/fd/\(folder.raw)/".utf8) + name.bytes }

  /// Calls `body` with the name as C has it.
  func withName<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    withCPath(name.bytes, body)
  }

  /// What lstat(2) says of the file; nil where there is none.
  var information: stat? {
    var info = stat()
    return withName { fstatat(folder.raw, $0, &info, AT_SYMLINK_NOFOLLOW) } == 0 ? info : nil
  }
}

/// Paths from archives, as `TarEntry.place` gives them: below the root, whatever bytes are in them.
extension Tree {
  /// Opens a path, following links within the tree; the kernel keeps them there.
  func open(_ path: ByteString, _ flags: Int32, mode: mode_t = 0) throws(Failure) -> FileDescriptor
  {
    let raw = withCPath([UInt8(ascii: "/")] + path.bytes) { path in
      retrying { particle_open_in_root(folder.raw, path, flags, mode) }
    }
    guard raw >= 0 else { throw .system("open", "/" + path.brief) }
    return FileDescriptor(owning: raw)
  }

  /// Whether the path is a folder, or a link to one.
  func isDirectory(_ path: ByteString) -> Bool {
    (try? open(path, PARTICLE_O_PATH | O_DIRECTORY)) != nil
  }

  /// The folder that holds a path's last name, and that name; the root's is `.` in itself.
  ///
  /// Folders above it that are missing are made on demand (mode 0755, root's).
  func place(_ path: ByteString, making: Bool = false) throws(Failure) -> ArchivePlace {
    let names = path.names
    let parent = ByteString(names.dropLast().map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
    if making { try makeDirectories(parent) }
    return ArchivePlace(
      folder: try open(parent, PARTICLE_O_PATH | O_DIRECTORY), name: names.last ?? ".")
  }

  private func makeDirectories(_ path: ByteString) throws(Failure) {
    if path.isEmpty || isDirectory(path) { return }
    var made: ByteString = ""
    for name in path.names {
      let parent = made
      made = made.appending(name)
      if isDirectory(made) { continue }
      let place = ArchivePlace(
        folder: try open(parent, PARTICLE_O_PATH | O_DIRECTORY), name: name)
      let raw = place.folder.raw
      guard place.withName({ mkdirat(raw, $0, 0o755) }) == 0 else {
        throw .system("create the directory", "/" + made.brief)
      }
      guard place.withName({ fchmodat(raw, $0, 0o755, AT_SYMLINK_NOFOLLOW) }) == 0 else {
        throw .system("set the mode of", "/" + made.brief)
      }
      guard place.withName({ fchownat(raw, $0, 0, 0, AT_SYMLINK_NOFOLLOW) }) == 0 || getuid() != 0
      else { throw .system("set the owner of", "/" + made.brief) }
    }
  }

  /// Removes a file, or a folder with all that is in it; nothing where there is none.
  ///
  /// Files and folders that are kept stay; so the folders above them have to be kept, too. Given is what went.
  func remove(_ path: ByteString, but isKept: (ByteString) -> Bool = { _ in false })
    throws(Failure) -> [ByteString]
  {
    // A folder comes before what is in it, and goes after it. How deep trees are is for archives to say, so this does
    // not call itself.
    var found: [(path: ByteString, isFolder: Bool)] = []
    var waiting = [path]
    while let path = waiting.popLast() {
      guard let info = try? place(path).information else { continue }
      let isFolder = info.st_mode & S_IFMT == S_IFDIR
      found.append((path, isFolder))
      if isFolder { waiting += try names(in: path).map { path.appending($0) } }
    }
    var removed: [ByteString] = []
    for (path, isFolder) in found.reversed() where !isKept(path) {
      let place = try place(path)
      let raw = place.folder.raw
      guard place.withName({ unlinkat(raw, $0, isFolder ? AT_REMOVEDIR : 0) }) == 0 else {
        throw .system("remove", "/" + path.brief)
      }
      removed.append(path)
    }
    return removed
  }

  /// The names in a folder, sorted by their bytes.
  func names(in path: ByteString) throws(Failure) -> [ByteString] {
    let file = try open(path, O_RDONLY | O_DIRECTORY)
    return try Files.entries(ofOpen: file.raw, "/" + path.brief).map(\.name)
  }
}
