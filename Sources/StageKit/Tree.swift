internal import CLinux
internal import Files
package import Glibc
package import Model

/// The one tree a stage may change.
///
/// Paths are the tree's own (`/etc/hostname`); the kernel resolves
/// them beneath the tree's root, so symbolic links in the tree cannot lead out of it.
package struct Tree: ~Copyable {
  package let root: String
  let folder: FileDescriptor

  /// - Throws: When there is no folder `root`.
  package init(root: String) throws(Failure) {
    self.root = root
    folder = try FileDescriptor.open(root, PARTICLE_O_PATH | O_DIRECTORY)
  }

  /// The path by which the host, or a program that is not in the tree, finds a file of the tree.
  package func outside(_ path: String) -> String { root == "/" ? path : root + path }

  package func exists(_ path: String) -> Bool { (try? information(path)) != nil }

  /// What lstat(2) says of a path.
  package func information(_ path: String) throws(Failure) -> stat {
    let place = try locate(path)
    var info = stat()
    guard fstatat(place.folder.raw, place.name, &info, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .system("inspect", path)
    }
    return info
  }

  package func read(_ path: String) throws(Failure) -> [UInt8] {
    // A package may have put a pipe there, or a link to a device.
    let file = try open(path, O_RDONLY | O_NONBLOCK)
    try file.requireRegular(path)
    return try file.readAll(limit: Limits.text, path)
  }

  package func readText(_ path: String) throws(Failure) -> String {
    String(decoding: try read(path), as: UTF8.self)
  }

  /// Writes a file anew, and the folders above it that are missing (mode 0755, root's).
  package func write(
    _ path: String, _ bytes: [UInt8], mode: mode_t = 0o644, owner: uid_t = 0, group: gid_t = 0
  ) throws(Failure) {
    if let (parent, _) = path.cut(atLast: "/"), !parent.isEmpty { try makeDirectories(parent) }
    let file = try open(path, O_RDWR | O_CREAT | O_NONBLOCK, mode: mode)
    try file.requireRegular(path)
    try file.setSize(0)
    do { try file.write(bytes) } catch {
      throw Failure("write", path, cause: error.cause, code: error.code)
    }
    try setOwner(of: file.raw, owner, group, path)
    guard fchmod(file.raw, mode) == 0 else { throw .system("set the mode of", path) }
  }

  package func write(
    _ path: String, _ text: String, mode: mode_t = 0o644, owner: uid_t = 0, group: gid_t = 0
  ) throws(Failure) {
    try write(path, Array(text.utf8), mode: mode, owner: owner, group: group)
  }

  /// Makes a folder and those above it; those that are there are left as they are.
  package func makeDirectories(
    _ path: String, mode: mode_t = 0o755, owner: uid_t = 0, group: gid_t = 0
  ) throws(Failure) {
    if path == "/" || path.isEmpty { return }
    if isDirectory(path) { return }
    let place = try locate(path, making: true)
    guard mkdirat(place.folder.raw, place.name, mode) == 0 else {
      throw .system("create the directory", path)
    }
    guard fchmodat(place.folder.raw, place.name, mode, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .system("set the mode of", path)
    }
    guard
      fchownat(place.folder.raw, place.name, owner, group, AT_SYMLINK_NOFOLLOW) == 0
        || getuid() != 0
    else { throw .system("set the owner of", path) }
  }

  /// Makes a symbolic link, in place of what is there.
  package func link(_ path: String, to target: String) throws(Failure) {
    guard !target.has("\0") else {
      throw Failure("create the link", path, cause: "its target '\(target)' contains a NUL")
    }
    try remove(path)
    let place = try locate(path, making: true)
    guard symlinkat(target, place.folder.raw, place.name) == 0 else {
      throw .system("create the link", path)
    }
  }

  /// Gives a file that is there a further name, in place of what has that.
  package func hardLink(_ path: String, to target: String) throws(Failure) {
    if isDirectory(path) {
      throw Failure("create the link", path, cause: "a directory has this name")
    }
    try remove(path)
    let place = try locate(path, making: true)
    let other = try locate(target)
    guard linkat(other.folder.raw, other.name, place.folder.raw, place.name, 0) == 0 else {
      throw .system("create the link", path)
    }
  }

  /// What a symbolic link says.
  package func linkTarget(_ path: String) throws(Failure) -> String {
    let place = try locate(path)
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlinkat(place.folder.raw, place.name, &buffer, buffer.count)
    guard count >= 0 else { throw .system("read the link", path) }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Removes a file, or a folder with all that is in it, of any depth; nothing where there is none.
  package func remove(_ path: String) throws(Failure) {
    guard exists(path) else { return }
    let place = try locate(path)
    try Files.removeTree(Spot(place.folder.raw, ByteString(place.name)) { path })
  }

  /// The same for a path of any bytes.
  package func remove(_ path: [UInt8]) throws(Failure) {
    let names = ByteString(path).names
    guard let name = names.last, !names.contains("..") else {
      throw Failure("remove", ByteString(path).abridged, cause: "it is not a path in the tree")
    }
    let parent = names.dropLast().reduce(into: [UInt8(ascii: "/")]) { path, name in
      path += name.bytes + [UInt8(ascii: "/")]
    }
    let flags = PARTICLE_O_PATH | O_DIRECTORY
    let raw = withCPath(parent) { particle_open_in_root(folder.raw, $0, flags, 0) }
    guard raw >= 0 else { throw .system("open", ByteString(parent).abridged) }
    let above = FileDescriptor(owning: raw)
    try Files.removeTree(Spot(above.raw, name) { ByteString(path).abridged })
  }

  /// Removes all that is in a folder and leaves the folder; nothing where there is none.
  package func empty(_ path: String) throws(Failure) {
    guard isDirectory(path) else { return }
    let folder = try open(path, O_RDONLY | O_DIRECTORY)
    for entry in try Files.entries(ofOpen: folder.raw, path) {
      try Files.removeTree(
        Spot(folder.raw, entry.name) { "\(path)/\(entry.name.abridged)" })
    }
  }

  /// The names in a folder, whatever bytes they are, sorted by these; none where there is no such folder.
  package func entries(in path: String) throws(Failure) -> [ByteString] {
    guard isDirectory(path) else { return [] }
    let folder = try open(path, O_RDONLY | O_DIRECTORY)
    return try Files.entries(ofOpen: folder.raw, path).map(\.name)
  }

  /// The names in a folder that may be looked for: those that are UTF-8.
  package func names(in path: String) throws(Failure) -> [String] {
    try entries(in: path).compactMap(\.text)
  }

  /// Whether the path is a folder, or a link to one.
  package func isDirectory(_ path: String) -> Bool {
    (try? open(path, PARTICLE_O_PATH | O_DIRECTORY)) != nil
  }

  /// Whether the path is a regular file, or a link to one.
  package func isFile(_ path: String) -> Bool {
    guard let file = try? open(path, PARTICLE_O_PATH) else { return false }
    guard let mode = try? file.information().st_mode else { return false }
    return mode & S_IFMT == S_IFREG
  }

  /// Sets the mode of a file or folder; a symbolic link has none, and is not followed.
  package func setMode(_ path: String, _ mode: mode_t) throws(Failure) {
    let place = try locate(path)
    guard fchmodat(place.folder.raw, place.name, mode, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .system("set the mode of", path)
    }
  }

  package func setOwner(_ path: String, _ owner: uid_t, _ group: gid_t) throws(Failure) {
    let place = try locate(path)
    guard fchownat(place.folder.raw, place.name, owner, group, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .system("set the owner of", path)
    }
  }

  private func setOwner(of raw: Int32, _ owner: uid_t, _ group: gid_t, _ path: String)
    throws(Failure)
  {
    var info = stat()
    if fstat(raw, &info) == 0, info.st_uid == owner, info.st_gid == group { return }
    guard fchown(raw, owner, group) == 0 else { throw .system("set the owner of", path) }
  }

  /// Gives a file, or a link itself, an extended attribute.
  package func setAttribute(_ path: String, _ name: String, _ value: [UInt8]) throws(Failure) {
    let place = try locate(path)
    let full = "/proc/self/fd/\(place.folder.raw)/\(place.name)"
    guard particle_set_xattr(full, name, value, UInt(value.count)) == 0 else {
      let failure = Failure.system("set the attribute \(name) of", path)
      guard failure.code == ENOSPC else { throw failure }
      throw Failure(
        failure.operation, path, cause: "the file's attributes are too large in total",
        remedy: "file systems store about 4 KiB of them per file: use fewer or shorter ones",
        code: ENOSPC)
    }
  }

  /// Sets the time of the last change.
  package func setTime(_ path: String, _ time: Timestamp) throws(Failure) {
    let place = try locate(path)
    var times = [timespec](repeating: timespec(tv_sec: time.seconds, tv_nsec: 0), count: 2)
    guard utimensat(place.folder.raw, place.name, &times, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .system("set the time of", path)
    }
  }

  /// Opens a path, following links within the tree.
  func open(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(Failure)
    -> FileDescriptor
  {
    guard !path.has("\0") else {
      throw Failure("use", "the path '\(path)'", cause: "it is not an absolute path in the tree")
    }
    let raw = retrying { particle_open_in_root(folder.raw, path, flags, mode) }
    guard raw >= 0 else { throw .system("open", path) }
    return FileDescriptor(owning: raw)
  }

  /// The folder that holds a path's last name, and that name.
  func locate(_ path: String, making: Bool = false) throws(Failure) -> Place {
    let parts = path.parts(at: "/")
    guard path.begins(with: "/"), !parts.has(".."), !path.has("\0") else {
      throw Failure("use", "the path '\(path)'", cause: "it is not an absolute path in the tree")
    }
    // The root has no name; beneath itself it is called so.
    let name = parts.last ?? "."
    let parent = "/" + parts.dropLast().joined(separator: "/")
    if making { try makeDirectories(parent) }
    return Place(folder: try open(parent, PARTICLE_O_PATH | O_DIRECTORY), name: name)
  }
}

/// Where a name stands.
struct Place: ~Copyable {
  let folder: FileDescriptor
  let name: String
}
