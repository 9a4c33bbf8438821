internal import CLinux
package import Glibc
package import Model

/// A folder that stays open while somebody has it.
private final class HeldFolder {
  let file: FileDescriptor

  init(_ file: consuming FileDescriptor) { self.file = file }
}

/// A name in a folder that is open: what is done with it is done there, wherever links in the path would lead.
///
/// No link itself is ever followed.
package struct Spot {
  package let folder: Int32
  package let name: ByteString
  /// Keeps the folder open; nil where the caller does.
  private var owner: HeldFolder?
  /// How failures call it.
  private let path: () -> String

  /// A name in a folder that the caller keeps open.
  package init(_ folder: Int32, _ name: ByteString, path: @escaping () -> String) {
    self.folder = folder
    self.name = name
    self.path = path
  }

  fileprivate init(_ folder: HeldFolder, _ name: ByteString, path: @escaping () -> String) {
    self.init(folder.file.raw, name, path: path)
    owner = folder
  }

  /// Calls `body` with the name as C has it, while the folder is open.
  private func call<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    withExtendedLifetime(owner) { name.withCString(body) }
  }

  /// What people know it by.
  package var label: String { path() }

  private func check(_ operation: String, _ status: Int32) throws(Failure) {
    guard status == 0 else { throw .system(operation, label) }
  }

  /// What lstat(2) says.
  package func information() throws(Failure) -> stat {
    var info = stat()
    try check("inspect", call { fstatat(folder, $0, &info, AT_SYMLINK_NOFOLLOW) })
    return info
  }

  package func open(_ flags: Int32, mode: mode_t = 0o600) throws(Failure) -> FileDescriptor {
    let raw = call { name in
      retrying { particle_open_beneath(folder, name, flags | O_NOFOLLOW, mode) }
    }
    guard raw >= 0 else { throw .system("open", label) }
    return FileDescriptor(owning: raw)
  }

  /// What is in a folder.
  package func entries() throws(Failure) -> [FolderEntry] {
    let opened = try open(O_RDONLY | O_DIRECTORY)
    return try Files.entries(ofOpen: opened.raw, label)
  }

  /// What a symbolic link says.
  package func linkTarget() throws(Failure) -> ByteString {
    // No file system of Linux keeps longer ones (PATH_MAX).
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = call { readlinkat(folder, $0, &buffer, buffer.count) }
    guard count >= 0 else { throw .system("read the link", label) }
    return ByteString(buffer[..<count].map { UInt8(bitPattern: $0) })
  }

  package func makeFolder(mode: mode_t) throws(Failure) {
    try check("create the directory", call { mkdirat(folder, $0, mode) })
  }

  package func makeLink(to target: ByteString) throws(Failure) {
    let status = call { name in target.withCString { symlinkat($0, folder, name) } }
    try check("create the link", status)
  }

  /// Makes a device, pipe or socket; whether it is one stands in the mode.
  package func makeNode(mode: mode_t, device: dev_t) throws(Failure) {
    try check("make", call { mknodat(folder, $0, mode, device) })
  }

  /// Makes a further name of a file.
  package func makeName(of first: Spot) throws(Failure) {
    let status = call { name in
      first.call { linkat(first.folder, $0, folder, name, 0) }
    }
    try check("link", status)
  }

  package func setOwner(_ owner: uid_t, _ group: gid_t) throws(Failure) {
    try check(
      "set the owner of",
      call { fchownat(folder, $0, owner, group, AT_SYMLINK_NOFOLLOW) })
  }

  /// A symbolic link has no mode.
  package func setMode(_ mode: mode_t) throws(Failure) {
    try check("set the mode of", call { fchmodat(folder, $0, mode, 0) })
  }

  /// Sets the times of the last change and of the last access.
  package func setTime(seconds: Int, nanoseconds: Int) throws(Failure) {
    let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
    let status = call { utimensat(folder, $0, [time, time], AT_SYMLINK_NOFOLLOW) }
    try check("set the time of", status)
  }

  package func removeFile() throws(Failure) {
    try check("remove", call { unlinkat(folder, $0, 0) })
  }

  /// A path by which the calls for attributes, that know no folders, find it.
  private var detour: ByteString { ByteString("/proc/self/fd/\(folder)/") + name }

  /// The extended attributes, sorted by the bytes of their names; none where the file system has none.
  package func attributes() throws(Failure) -> [ExtendedAttribute] {
    let result = withExtendedLifetime(owner) {
      Result { () throws(Failure) in try Files.attributes(of: detour, label) }
    }
    return try result.get()
  }

  package func setAttribute(_ attribute: ExtendedAttribute) throws(Failure) {
    let result = withExtendedLifetime(owner) {
      Result { () throws(Failure) in try Files.setAttribute(attribute, of: detour, label) }
    }
    try result.get()
  }

  package func removeAttribute(_ name: ByteString) throws(Failure) {
    let result = withExtendedLifetime(owner) {
      Result { () throws(Failure) in try Files.removeAttribute(name, of: detour, label) }
    }
    try result.get()
  }
}

/// A tree whose files are found beneath it by the kernel: no link in it leads anywhere.
///
/// The folder that was asked for last stays open, as most files asked for one after the other are in one folder.
package final class OpenTree {
  private let root: HeldFolder
  private let name: String
  private var parent: ByteString = ""
  private var folder: HeldFolder?

  /// - Parameter path: The tree's folder.
  /// - Throws: When there is none.
  package init(_ path: String) throws(Failure) {
    root = HeldFolder(try FileDescriptor.open(path, PARTICLE_O_PATH | O_DIRECTORY))
    name = path
  }

  /// Where a file is.
  ///
  /// - Parameter path: Relative to the tree's root, which itself is ".".
  /// - Returns: The place.
  /// - Throws: When the folder is not there, or is reached by way of a link.
  package func place(_ path: ByteString) throws(Failure) -> Spot {
    let label = { [name] in path == "." ? name : "\(name)/\(path.abridged)" }
    guard let slash = path.bytes.lastIndex(of: UInt8(ascii: "/")) else {
      return Spot(root, path, path: label)
    }
    let name = ByteString(path.bytes[(slash + 1)...])
    if let folder, parent.bytes.elementsEqual(path.bytes[..<slash]) {
      return Spot(folder, name, path: label)
    }
    let parent = ByteString(path.bytes[..<slash])
    let raw = parent.withCString { path in
      retrying { particle_open_beneath(root.file.raw, path, PARTICLE_O_PATH | O_DIRECTORY, 0) }
    }
    guard raw >= 0 else { throw .system("open", "\(self.name)/\(parent.abridged)") }
    let folder = HeldFolder(FileDescriptor(owning: raw))
    self.folder = folder
    self.parent = parent
    return Spot(folder, name, path: label)
  }
}
