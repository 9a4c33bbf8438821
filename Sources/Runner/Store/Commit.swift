internal import Dispatch
internal import Files
internal import Glibc
internal import Hashing
package import Model
internal import Synchronization

/// Makes a layer of what a stage has written.
package struct Commit: Sendable {
  private let changes: String
  /// No file is later than this.
  private let epoch: Timestamp
  /// The seconds of the wall clock in which the stage ran: times within are those of the run, and
  /// become the epoch even when the clock was behind it.
  private let interval: ClosedRange<Int>
  /// Sorted by the bytes of their paths.
  private var found: [Found] = []

  /// Looks at all that is there.
  ///
  /// - Parameters:
  ///   - changes: The folder the stage wrote to.
  ///   - epoch: What the time of a later file becomes.
  ///   - interval: When the stage ran, in seconds since 1970.
  /// - Throws: When something cannot be read, or has a name that is not UTF-8.
  package init(changes: String, epoch: Timestamp, interval: ClosedRange<Int>) throws(Failure) {
    self.changes = changes
    self.epoch = epoch
    self.interval = interval
    try scan(".")
    found.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    findFirstNames()
  }

  /// Whether it is at once copied to the disk, so that doing it in the background saves nothing.
  package var isSmall: Bool {
    found.count <= 64 && found.reduce(0) { $0 + ($1.isFile ? $1.info.size : 0) } <= 1 << 20
  }

  /// Clamps and hashes every file, on all cores.
  ///
  /// - Parameters:
  ///   - target: An empty folder that is to become the layer's tree; nil when `changes` is to become
  ///     it as it is.
  ///   - listing: The file to make of the layer's listing.
  /// - Returns: The layer's digest.
  /// - Throws: When something cannot be read or written.
  package func run(copyingTo target: String?, listing: String) throws -> Digest {
    if let target {
      for item in found where item.isFolder { try makeFolder("\(target)/\(item.path)", item) }
    }
    let text = try ListingFile(listing)
    let step = 32
    try onAllCores((found.count + step - 1) / step) { piece in
      var lines: [UInt8] = []
      for item in found[piece * step..<min(found.count, (piece + 1) * step)] {
        lines += try entry(for: item, target).line.utf8
        lines.append(UInt8(ascii: "\n"))
      }
      text.add(lines, at: piece + 1)
    }
    if let target {
      for item in found {
        guard let first = item.firstName else { continue }
        try link("\(target)/\(found[first].path)", "\(target)/\(item.path)")
      }
    }
    // Times of folders last, and the deepest first: making what is in a folder changes its time.
    for item in found.reversed() where item.isFolder {
      try setTime(of: "\(target ?? changes)/\(item.path)", item)
    }
    return try text.finish()
  }

  private func link(_ first: String, _ path: String) throws(Failure) {
    guard Glibc.link(first, path) == 0 else { throw .system("link", path) }
  }

  /// What is there, before it is hashed.
  private struct Found: Sendable {
    var path: String
    var info: Status
    var modified: Listing.Moment
    /// Where the first name in order of the same file is, in what was found.
    var firstName: Int?

    var isFolder: Bool { info.type == S_IFDIR }
    var isFile: Bool { info.type == S_IFREG }
    var isWhiteout: Bool { info.type == S_IFCHR && info.device == 0 }

    func entry(_ kind: Listing.Kind, _ attributes: [ExtendedAttribute] = []) -> Listing.Entry {
      Listing.Entry(
        path: path, kind: kind, mode: info.mode & 0o7777, owner: info.owner, group: info.group,
        modified: modified, attributes: attributes)
    }
  }

  /// The members of stat(2) that count here.
  private struct Status: Sendable {
    var mode: UInt32
    var owner: UInt32
    var group: UInt32
    var size: Int
    var device: UInt
    var inode: UInt
    var names: UInt
    var type: UInt32 { mode & S_IFMT }
  }

  private mutating func scan(_ path: String) throws(Failure) {
    let place = path == "." ? changes : "\(changes)/\(path)"
    let info = try Files.information(place)
    let time = Listing.Moment(
      seconds: info.st_mtim.tv_sec, nanoseconds: info.st_mtim.tv_nsec)
    let item = Found(
      path: path,
      info: Status(
        mode: info.st_mode, owner: info.st_uid, group: info.st_gid, size: Int(info.st_size),
        device: info.st_rdev, inode: info.st_ino, names: info.st_nlink),
      modified: clamped(time))
    found.append(item)
    guard item.isFolder else { return }
    for name in try Files.names(in: place) {
      guard !name.unicodeScalars.contains("\u{fffd}") else {
        throw Failure(
          "keep", "the file '\(name)' in \(path)", cause: "its name is not UTF-8",
          remedy: "rename it in the stage that makes it")
      }
      try scan(path == "." ? name : "\(path)/\(name)")
    }
  }

  private mutating func findFirstNames() {
    var first: [UInt: Int] = [:]
    for (index, item) in found.enumerated()
    where !item.isFolder && !item.isWhiteout && item.info.names > 1 {
      if let name = first[item.info.inode] {
        found[index].firstName = name
      } else {
        first[item.info.inode] = index
      }
    }
  }

  private func clamped(_ time: Listing.Moment) -> Listing.Moment {
    let latest = Listing.Moment(seconds: epoch.seconds, nanoseconds: 0)
    return time > latest || interval.contains(time.seconds) ? latest : time
  }

  private func makeFolder(_ path: String, _ item: Found) throws(Failure) {
    guard mkdir(path, 0o700) == 0 || item.path == "." else { throw .system("make", path) }
  }

  /// Hashes one file, copies it when there is a target, and sets all but a folder's time.
  private func entry(for item: Found, _ target: String?) throws(Failure) -> Listing.Entry {
    if let first = item.firstName { return item.entry(.hardLink(to: found[first].path)) }
    let source = item.path == "." ? changes : "\(changes)/\(item.path)"
    let path = target.map { "\($0)/\(item.path)" } ?? source
    if item.isWhiteout {
      if target != nil { try make(item, at: path) }
      return item.entry(.whiteout)
    }
    let kind: Listing.Kind
    var attributes = try Files.attributes(of: source)
    switch item.info.type {
    case S_IFDIR: kind = .folder(opaque: attributes.contains(Mount.opaque))
    case S_IFREG:
      kind = try hashed(item, from: source, copyingTo: target == nil ? nil : path)
    case S_IFLNK:
      kind = .link(target: try Files.linkTarget(source))
      if case .link(let text) = kind, target != nil, symlink(text, path) != 0 {
        throw .system("make the link", path)
      }
    case S_IFBLK, S_IFCHR:
      let (major, minor) = Listing.Kind.numbers(ofDevice: item.info.device)
      kind = .device(isBlock: item.info.type == S_IFBLK, major: major, minor: minor)
      if target != nil { try make(item, at: path) }
    case S_IFIFO:
      kind = .pipe
      if target != nil { try make(item, at: path) }
    default:
      kind = .socket
      if target != nil { try make(item, at: path) }
    }
    if target != nil {
      guard lchown(path, item.info.owner, item.info.group) == 0 else {
        throw .system("set the owner of", path)
      }
      if item.info.type != S_IFLNK, chmod(path, item.info.mode & 0o7777) != 0 {
        throw .system("set the mode of", path)
      }
      for attribute in attributes where !Mount.isNote(attribute) || attribute == Mount.opaque {
        try Files.setAttribute(attribute, of: path)
      }
    } else {
      for attribute in attributes where Mount.isNote(attribute) && attribute != Mount.opaque {
        try Files.removeAttribute(attribute.name, of: path)
      }
    }
    if !item.isFolder { try setTime(of: path, item) }
    attributes.removeAll(where: Mount.isNote)
    return item.entry(kind, attributes)
  }

  private func hashed(_ item: Found, from source: String, copyingTo path: String?) throws(Failure)
    -> Listing.Kind
  {
    let file = try FileDescriptor.open(source, O_RDONLY)
    let hash = SHA256()
    if let path {
      let copy = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
      do {
        try file.forEachPiece { (piece) throws(Failure) in
          hash.update(piece)
          switch piece {
          case .data(let bytes): try copy.write(bytes)
          case .hole(let count): copy.skip(count)
          }
        }
      } catch { throw Failure("write", path, cause: error.cause, code: error.code) }
      guard ftruncate(copy.raw, item.info.size) == 0 else { throw .system("write", path) }
    } else {
      try file.forEachPiece { (piece) throws(Failure) in hash.update(piece) }
    }
    return .file(size: item.info.size, digest: hash.finish())
  }

  private func make(_ item: Found, at path: String) throws(Failure) {
    guard mknod(path, item.info.mode, item.info.device) == 0 else { throw .system("make", path) }
  }

  private func setTime(of path: String, _ item: Found) throws(Failure) {
    if item.isWhiteout { return }
    let time = timespec(tv_sec: item.modified.seconds, tv_nsec: item.modified.nanoseconds)
    let times = [time, time]
    guard utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .system("set the time of", path)
    }
  }
}

extension SHA256 {
  /// Takes in a piece of a sparse file.
  borrowing func update(_ piece: Piece) {
    switch piece {
    case .data(let bytes): update(bytes)
    case .hole(let count):
      var rest = count
      while rest > 0 {
        let part = min(rest, zeros.count)
        zeros.withUnsafeBytes { update(UnsafeRawBufferPointer(rebasing: $0[..<part])) }
        rest -= part
      }
    }
  }
}

private let zeros = [UInt8](repeating: 0, count: 1 << 16)

/// Calls `body` with the numbers below `count`, about in their order.
///
/// The first error ends it.
private func onAllCores(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
  let next = Atomic(0)
  let failed = Mutex<(any Error)?>(nil)
  let workers = min(16, max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))), count)
  DispatchQueue.concurrentPerform(iterations: workers) { _ in
    while true {
      let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard number < count, failed.withLock({ $0 == nil }) else { return }
      do { try body(number) } catch { failed.withLock { $0 = $0 ?? error } }
    }
  }
  if let error = failed.withLock(\.self) { throw error }
}
