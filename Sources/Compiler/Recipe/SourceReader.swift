internal import Files
internal import Glibc
internal import Model

/// Reads a file that a recipe names, or a folder with all that is in it.
struct SourceReader {
  private(set) var files: [Contents.File] = []
  private(set) var folder = Contents.Folder()
  /// How many bytes the recipe's further files may have.
  private(set) var left: Int
  private let custom: Privacy.Custom
  /// The names of files that have several.
  private var twins: [Identity: Int] = [:]

  private struct Identity: Hashable {
    var device: dev_t
    var inode: ino_t
  }

  /// A place in the folder.
  private struct Spot {
    /// As messages have it.
    var path: String
    /// From the folder that was named; empty for that itself.
    var name: String
    /// The mode of the folder that it is in.
    var parent: mode_t?
    /// Of the outermost closed folder that it is in.
    var privacy: Privacy?
  }

  init(left: Int, custom: Privacy.Custom) {
    self.left = left
    self.custom = custom
  }

  mutating func read(_ path: String, in project: Project) throws(Failure) {
    let top = try project.open(path)
    // A link would have to become a file of the image, or a link in it: that is for its author to say.
    if try Files.information(path).st_mode & S_IFMT == S_IFLNK { throw neither(path) }
    let modes = project.modes(above: path)
    var privacy: Privacy?
    for (mode, parent) in zip(modes.dropFirst(), modes)
    where privacy == nil && custom.isClosed(mode, in: parent) {
      privacy = Privacy(folder: path.folderOfSource, mode: FileMode(bits: mode))
    }
    try read(top, Spot(path: path, name: "", parent: modes.last, privacy: privacy))
    folder.directories.sort { $0.precedes($1) }
  }

  private mutating func read(_ file: borrowing FileDescriptor, _ spot: Spot) throws(Failure) {
    let info = try file.information()
    switch info.st_mode & S_IFMT {
    case S_IFDIR: try readFolder(file, spot, mode: info.st_mode)
    case S_IFREG: try readFile(file, spot, info)
    default: throw neither(spot.path)
    }
  }

  private mutating func readFolder(_ file: borrowing FileDescriptor, _ spot: Spot, mode: mode_t)
    throws(Failure)
  {
    if !spot.name.isEmpty { folder.directories.append(spot.name) }
    var privacy = spot.privacy
    // The project's own folder is as its owner wants it, which says nothing of what is in it.
    if privacy == nil, let parent = spot.parent, custom.isClosed(mode, in: parent) {
      privacy = Privacy(folder: spot.path, mode: FileMode(bits: mode))
    }
    for entry in try file.names() {
      let whole = "\(spot.path)/\(entry)"
      if entry == ".git" { throw Project.gitIsNoPart(whole) }
      guard let text = entry.text else {
        throw Failure(
          "read", whole, cause: "its name is not UTF-8",
          remedy: "rename the file: a manifest can only hold UTF-8 names")
      }
      let name = spot.name.isEmpty ? text : "\(spot.name)/\(text)"
      if let target = try file.linkTarget(entry, whole) {
        folder.links.append(Contents.Folder.Link(name: name, target: target))
        continue
      }
      let next = try file.openEntry(entry, whole)
      try read(next, Spot(path: whole, name: name, parent: mode, privacy: privacy))
    }
  }

  private mutating func readFile(_ file: borrowing FileDescriptor, _ spot: Spot, _ info: stat)
    throws(Failure)
  {
    let identity = Identity(device: info.st_dev, inode: info.st_ino)
    if info.st_nlink > 1, let first = twins[identity] {
      var twin = files[first]
      twin.twin = twin.name
      twin.name = spot.name
      files.append(twin)
      return
    }
    guard let bytes = try file.readAll(limit: left) else {
      throw Failure(
        "read", spot.path, cause: "the files of the recipe exceed 32MiB in total",
        remedy: "put large content into a Debian package: the manifest contains all of these files")
    }
    left -= bytes.count
    twins[identity] = files.count
    var new = Contents.File(
      name: spot.name, bytes: bytes, isExecutable: info.st_mode & S_IXUSR != 0)
    new.privacy =
      spot.privacy
      ?? (custom.isClosed(info.st_mode, in: spot.parent)
        ? Privacy(mode: FileMode(bits: info.st_mode)) : nil)
    files.append(new)
  }

  private func neither(_ path: String) -> Failure {
    Failure(
      "read", path, cause: "it is neither a file nor a directory",
      remedy:
        "name the file itself; create links with 'links' of a files module, devices with"
        + " tmpfiles.d(5)"
    )
  }
}

extension FileDescriptor {
  /// Opens what this folder has under a name, to be read; neither a link nor a FIFO is followed or waited for.
  fileprivate func openEntry(_ name: ByteString, _ path: String) throws(Failure)
    -> FileDescriptor
  {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    let file = retrying { openat(raw, name.withNUL, flags) }
    guard file >= 0 else {
      // What open(2) says of a link and of a socket.
      guard errno == ELOOP || errno == ENXIO else { throw .system("open", path) }
      throw Failure(
        "read", path, cause: "it is neither a file nor a directory",
        remedy: "remove it; create devices and FIFOs with tmpfiles.d(5)")
    }
    return FileDescriptor(owning: file)
  }

  /// What a symbolic link in this folder says; nil for anything else.
  fileprivate func linkTarget(_ name: ByteString, _ path: String) throws(Failure) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlinkat(raw, name.withNUL, &buffer, buffer.count)
    // readlink(2) fails with this when the path is not a link.
    if count < 0, errno == EINVAL { return nil }
    guard count >= 0 else { throw .system("read the link", path) }
    guard
      let target = String(
        validating: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    else {
      throw Failure(
        "read", path, cause: "the target of the link is not UTF-8",
        remedy: "rename its target: a manifest can only hold UTF-8 names")
    }
    return target
  }
}

extension ByteString {
  fileprivate var withNUL: [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }
}

extension String {
  /// The folder of a source, as messages have it.
  fileprivate var folderOfSource: String { cut(atLast: "/")?.0 ?? "." }
}
