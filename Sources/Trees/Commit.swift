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
  /// - Throws: When something cannot be read, or is beyond `TreeLimits`.
  package init(changes: String, epoch: Timestamp, interval: ClosedRange<Int>) throws(Failure) {
    self.changes = changes
    self.epoch = epoch
    self.interval = interval
    var found: [Found] = []
    try scan(changes) { (path, info) throws(Failure) in
      let time = Listing.Moment(
        seconds: info.st_mtim.tv_sec, nanoseconds: info.st_mtim.tv_nsec)
      found.append(
        Found(
          path: path,
          info: Status(
            mode: info.st_mode, owner: info.st_uid, group: info.st_gid, size: Int(info.st_size),
            device: info.st_rdev, inode: info.st_ino, names: info.st_nlink),
          modified: clamped(time)))
    }
    found.sort { $0.path < $1.path }
    self.found = found
    try findFirstNames()
  }

  /// Whether it is at once copied to the disk, so that doing it in the background saves nothing.
  package var isSmall: Bool {
    found.count <= 64
      && found.allSatisfy { !$0.isFile || $0.info.size <= 1 << 20 }
      && found.reduce(0) { $0 + ($1.isFile ? $1.info.size : 0) } <= 1 << 20
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
      let tree = try OpenTree(target)
      for item in found where item.isFolder && item.path != "." {
        try tree.place(item.path).makeFolder(mode: 0o700)
      }
    }
    let text = try ListingFile(listing)
    let step = 32
    try onAllCores((found.count + step - 1) / step) { piece in
      let source = try OpenTree(changes)
      let copy = try target.map { path throws(Failure) in try OpenTree(path) }
      var lines: [UInt8] = []
      for item in found[piece * step..<min(found.count, (piece + 1) * step)] {
        lines += try entry(for: item, source, copy).line.utf8
        lines.append(UInt8(ascii: "\n"))
      }
      text.add(lines, at: piece + 1)
    }
    if let target { try nameAgain(in: target) }
    // Times of folders last, and the deepest first: making what is in a folder changes its time.
    let tree = try OpenTree(target ?? changes)
    for item in found.reversed() where item.isFolder {
      try setTime(of: tree.place(item.path), item)
    }
    return try text.finish()
  }

  /// Gives files in the copy their further names.
  private func nameAgain(in target: String) throws(Failure) {
    let (firsts, tree) = (try OpenTree(target), try OpenTree(target))
    for item in found {
      guard let first = item.firstName else { continue }
      try tree.place(item.path).makeName(of: firsts.place(found[first].path))
    }
  }

  /// What is there, before it is hashed.
  private struct Found: Sendable {
    var path: ByteString
    var info: Status
    var modified: Listing.Moment
    /// Where the first name in order of the same file is, in what was found.
    var firstName: Int?

    var isFolder: Bool { info.type == S_IFDIR }
    var isFile: Bool { info.type == S_IFREG }
    var isWhiteout: Bool { info.type == S_IFCHR && info.device == 0 }

    /// What it is, of devices, pipes and sockets.
    var special: Listing.Kind {
      switch info.type {
      case S_IFBLK, S_IFCHR:
        let (major, minor) = Listing.Kind.numbers(ofDevice: info.device)
        return .device(isBlock: info.type == S_IFBLK, major: major, minor: minor)
      case S_IFIFO: return .pipe
      default: return .socket
      }
    }

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

  private mutating func findFirstNames() throws(Failure) {
    var names: [UInt: (first: Int, count: Int)] = [:]
    for (index, item) in found.enumerated()
    where !item.isFolder && !item.isWhiteout && item.info.names > 1 {
      guard let known = names[item.info.inode] else {
        names[item.info.inode] = (index, 1)
        continue
      }
      found[index].firstName = known.first
      names[item.info.inode] = (known.first, known.count + 1)
      guard known.count < TreeLimits.names else {
        throw Failure(
          "keep", "the file '/\(found[known.first].path.abridged)'",
          cause: "it has more than \(TreeLimits.names) hard links, the limit of ext4",
          remedy: "use copies or symbolic links instead, in the stage that creates them")
      }
    }
  }

  private func clamped(_ time: Listing.Moment) -> Listing.Moment {
    let latest = Listing.Moment(seconds: epoch.seconds, nanoseconds: 0)
    let earliest = Listing.Moment(seconds: TreeLimits.earliest, nanoseconds: 0)
    if time > latest || interval.contains(time.seconds) { return latest }
    return max(time, earliest)
  }

  /// Hashes one file, copies it when there is a target, and sets all but a folder's time.
  private func entry(for item: Found, _ tree: OpenTree, _ target: OpenTree?) throws(Failure)
    -> Listing.Entry
  {
    if let first = item.firstName { return item.entry(.hardLink(to: found[first].path)) }
    let source = try tree.place(item.path)
    let copy = try target?.place(item.path)
    if item.isWhiteout {
      if let copy { try make(item, at: copy) }
      return item.entry(.whiteout)
    }
    let attributes = try source.attributes()
    try checkSize(of: attributes.filter(\.isContent), item)
    let kind: Listing.Kind
    switch item.info.type {
    case S_IFDIR: kind = .folder(opaque: attributes.contains(Mount.opaque))
    case S_IFREG: kind = try hashed(item, attributes, from: source, copyingTo: copy)
    case S_IFLNK:
      let text = try source.linkTarget()
      kind = .link(target: text)
      try copy?.makeLink(to: text)
    default:
      kind = item.special
      if let copy { try make(item, at: copy) }
    }
    if let copy {
      try copy.setOwner(item.info.owner, item.info.group)
      if item.info.type != S_IFLNK { try copy.setMode(item.info.mode & 0o7777) }
      for attribute in attributes where attribute.isContent || attribute == Mount.opaque {
        try copy.setAttribute(attribute)
      }
    } else {
      for attribute in attributes where Mount.isNote(attribute) && attribute != Mount.opaque {
        try source.removeAttribute(attribute.name)
      }
    }
    if !item.isFolder { try setTime(of: copy ?? source, item) }
    return item.entry(kind, attributes.filter(\.isContent))
  }

  /// Refuses what a store on ext4 could not keep: whether a stage fails must not depend on where it has worked.
  private func checkSize(of attributes: [ExtendedAttribute], _ item: Found) throws(Failure) {
    let size = attributes.reduce(0) {
      $0 + $1.name.bytes.count + $1.value.count + TreeLimits.attributeOverhead
    }
    guard size > TreeLimits.attributes else { return }
    throw Failure(
      "keep", "the file '/\(item.path.abridged)'",
      cause: "its extended attributes take \(size) bytes: ext4 keeps at most "
        + "\(TreeLimits.attributes) of a file",
      remedy: "make them smaller, in the stage that sets them")
  }

  /// Hashes a file, and makes all its blocks of zeros holes: one digest is one file for whoever looks for holes, too.
  private func hashed(
    _ item: Found, _ attributes: [ExtendedAttribute], from source: Spot, copyingTo place: Spot?
  ) throws(Failure) -> Listing.Kind {
    let file = try source.open(O_RDONLY)
    let hash = SHA256()
    var position = 0
    if let place {
      let copy = try place.open(O_WRONLY | O_CREAT | O_EXCL)
      do {
        try file.forEachPiece { (piece) throws(Failure) in
          hash.update(piece)
          switch piece {
          case .data(let bytes):
            try bytes.forEachRun(at: position) { (run, isZero) throws(Failure) in
              if isZero { copy.skip(run.count) } else { try copy.write(run) }
            }
            position += bytes.count
          case .hole(let count):
            copy.skip(count)
            position += count
          }
        }
      } catch { throw Failure("write", place.label, cause: error.cause, code: error.code) }
      guard ftruncate(copy.raw, item.info.size) == 0 else { throw .system("write", place.label) }
    } else {
      var zeros: [Range<Int>] = []
      try file.forEachPiece { (piece) throws(Failure) in
        hash.update(piece)
        switch piece {
        case .data(let bytes):
          try bytes.forEachRun(at: position) { run, isZero throws(Failure) in
            if isZero { zeros.append(position..<position + run.count) }
            position += run.count
          }
        case .hole(let count): position += count
        }
      }
      if !zeros.isEmpty {
        try source.open(O_WRONLY).makeHoles(zeros)
        // What writing takes away.
        try source.setMode(item.info.mode & 0o7777)
        for attribute in attributes where attribute.name == "security.capability" {
          try source.setAttribute(attribute)
        }
      }
    }
    return .file(size: item.info.size, digest: hash.finish())
  }

  private func make(_ item: Found, at place: Spot) throws(Failure) {
    try place.makeNode(mode: item.info.mode, device: item.info.device)
  }

  private func setTime(of place: Spot, _ item: Found) throws(Failure) {
    if item.isWhiteout { return }
    try place.setTime(seconds: item.modified.seconds, nanoseconds: item.modified.nanoseconds)
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
