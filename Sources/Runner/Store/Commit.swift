internal import Dispatch
internal import Files
internal import Glibc
internal import Hashing
package import Model
internal import Synchronization

/// Makes a layer of what a stage has written.
package struct Commit: Sendable {
  /// The folder the stage wrote to.
  package var changes: String
  /// Where the layer's tree is to be; nil when `changes` is to become it as it is.
  package var target: String?
  /// No file is later than this.
  package var epoch: Timestamp
  /// The seconds of the wall clock in which the stage ran: times within are those of the run, and
  /// become the epoch even when the clock was behind it.
  package var interval: ClosedRange<Int>

  package init(
    changes: String, target: String?, epoch: Timestamp, interval: ClosedRange<Int>
  ) {
    self.changes = changes
    self.target = target
    self.epoch = epoch
    self.interval = interval
  }

  /// Reads, clamps and (with a target) copies every file, on all cores.
  package func run() throws -> Listing {
    var found: [Found] = []
    try scan(".", &found)
    found.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    let (work, links) = separate(found)
    if target != nil {
      for item in found where item.isFolder { try makeFolder(item) }
    }
    let entries = try onAllCores(work) { item in try entry(for: item) }
    var all = entries
    for (item, first) in links {
      if let target { try link("\(target)/\(first)", "\(target)/\(item.path)") }
      var entry = item.entry(.hardLink(to: first))
      entry.attributes = []
      all.append(entry)
    }
    // Times of folders last, and the deepest first: making what is in a folder changes its time.
    for item in found.reversed() where item.isFolder { try setTime(item) }
    return Listing(all)
  }

  private func link(_ first: String, _ path: String) throws(Failure) {
    guard Glibc.link(first, path) == 0 else { throw .system("link", path) }
  }

  /// What is there, before it is hashed.
  private struct Found: Sendable {
    var path: String
    var info: Status
    var modified: Listing.Moment

    var isFolder: Bool { info.type == S_IFDIR }
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

  private func scan(_ path: String, _ found: inout [Found]) throws(Failure) {
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
      try scan(path == "." ? name : "\(path)/\(name)", &found)
    }
  }

  private func clamped(_ time: Listing.Moment) -> Listing.Moment {
    let latest = Listing.Moment(seconds: epoch.seconds, nanoseconds: 0)
    return time > latest || interval.contains(time.seconds) ? latest : time
  }

  /// Further names of files that have several, each with the first name in order, apart from all
  /// else.
  private func separate(_ found: [Found]) -> ([Found], [(Found, String)]) {
    var first: [UInt: String] = [:]
    var work: [Found] = []
    var links: [(Found, String)] = []
    for item in found {
      if item.isFolder || item.info.names < 2 || item.isWhiteout {
        work.append(item)
      } else if let name = first[item.info.inode] {
        links.append((item, name))
      } else {
        first[item.info.inode] = item.path
        work.append(item)
      }
    }
    return (work, links)
  }

  private func makeFolder(_ item: Found) throws(Failure) {
    guard let target else { return }
    let path = "\(target)/\(item.path)"
    guard mkdir(path, 0o700) == 0 || item.path == "." else { throw .system("make", path) }
  }

  /// Hashes one file, copies it when there is a target, and sets all but a folder's time.
  private func entry(for item: Found) throws(Failure) -> Listing.Entry {
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
    case S_IFREG: kind = try copyFile(item, from: source, to: path)
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
    if !item.isFolder { try setTime(item) }
    attributes.removeAll(where: Mount.isNote)
    return item.entry(kind, attributes)
  }

  private func copyFile(_ item: Found, from source: String, to path: String) throws(Failure)
    -> Listing.Kind
  {
    let file = try FileDescriptor.open(source, O_RDONLY)
    let hash = SHA256()
    if target == nil {
      try file.forEachPiece { (piece) throws(Failure) in hash.update(piece) }
    } else {
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
    }
    return .file(size: item.info.size, digest: hash.finish())
  }

  private func make(_ item: Found, at path: String) throws(Failure) {
    guard mknod(path, item.info.mode, item.info.device) == 0 else { throw .system("make", path) }
  }

  private func setTime(_ item: Found) throws(Failure) {
    if item.isWhiteout { return }
    let path = "\(target ?? changes)/\(item.path)"
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

/// The results of `body` for all items, in no particular order.
///
/// The first error ends it.
private func onAllCores<Item: Sendable, Result: Sendable>(
  _ items: [Item], _ body: @escaping @Sendable (Item) throws -> Result
) throws -> [Result] {
  let state = Mutex((next: 0, results: [Result](), error: (any Error)?.none))
  let step = 32
  let workers = min(16, max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))), items.count / step + 1)
  DispatchQueue.concurrentPerform(iterations: workers) { _ in
    while true {
      let range = state.withLock { state in
        let start = state.next
        state.next = state.error == nil ? min(items.count, start + step) : items.count
        return start..<max(start, state.next)
      }
      if range.isEmpty { return }
      do {
        let results = try items[range].map(body)
        state.withLock { $0.results += results }
      } catch {
        state.withLock {
          $0.error = $0.error ?? error
          $0.next = items.count
        }
      }
    }
  }
  return try state.withLock { state in
    if let error = state.error { throw error }
    return state.results
  }
}
