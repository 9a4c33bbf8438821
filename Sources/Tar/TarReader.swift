package import Model

/// Reads a tar archive from its begin to its end: ustar, GNU's long names and sparse files, and pax
/// headers.
package struct TarReader {
  private let archive: String
  private let more: () throws(Failure) -> [UInt8]
  /// What was read and not used yet.
  private var chunk: ArraySlice<UInt8> = []
  /// The content of the last entry that was not read yet, and what pads it to whole blocks.
  private var left = 0
  private var padding = 0
  private var holes: Holes?
  private var received = 0
  /// Bytes of holes that further files may have.
  private var holesLeft = Limits.holes

  /// Bytes of the archive that were used so far: after `next`, where the content of the entry begins.
  package var position: Int { received - chunk.count }
  /// Whether the content of the entry that `next` gave last is stored without its holes.
  package var isSparse: Bool { holes != nil }

  /// A part of a file.
  package enum Piece: Sendable, Equatable {
    case data(ArraySlice<UInt8>)
    /// So many zeros that were not stored.
    case hole(Int)
  }

  /// - Parameters:
  ///   - archive: What the archive is called in a failure.
  ///   - more: Gives the archive's next bytes, not compressed; none at its end.
  package init(archive: String, _ more: @escaping () throws(Failure) -> [UInt8]) {
    self.archive = archive
    self.more = more
  }

  /// - Parameters:
  ///   - bytes: The whole archive, not compressed.
  ///   - archive: What the archive is called in a failure.
  package init(_ bytes: [UInt8], archive: String) {
    self.init(archive: archive) { () throws(Failure) in [] }
    chunk = bytes[...]
    received = bytes.count
  }

  /// The next entry; what is left of the last one's content is passed over.
  ///
  /// - Returns: Nil at the archive's end; all that `more` gives was read then.
  /// - Throws: When the archive is damaged.
  package mutating func next() throws(Failure) -> TarEntry? {
    try skip(left + padding)
    (left, padding, holes) = (0, 0, nil)
    var longName: ByteString?
    var longLink: ByteString?
    var pax = PaxRecords()
    // Of all headers that say something of this entry.
    var said = 0
    while true {
      guard let block = try header() else { return nil }
      let header = TarHeader(block, archive: archive)
      guard try header.isUsed() else {
        try pass()
        return nil
      }
      switch header.kind {
      case UInt8(ascii: "L"): longName = try note(header, &said).name
      case UInt8(ascii: "K"): longLink = try note(header, &said).name
      case UInt8(ascii: "x"): try pax.read(try note(header, &said)[...], archive: archive)
      // It says something of all entries that follow, but nothing that a tree has.
      case UInt8(ascii: "g"): _ = try note(header, &said)
      default:
        var entry = try self.entry(header, pax, longName, longLink)
        // Links and folders have no content, whatever their size field says.
        guard case .file = entry.kind else { return entry }
        let stored = try header.number(TarField.size, unless: pax.size)
        guard stored >= 0 else { throw damaged("the size of '\(entry.path.brief)' is negative") }
        try check(stored, of: entry)
        (left, padding) = (stored, Self.padding(stored))
        try begin(pax.sparse, header)
        if let map = holes?.map {
          try check(map.size, of: entry)
          holesLeft -= map.size - left
          guard holesLeft >= 0 else {
            throw damaged(
              "its sparse files have holes of more than \(ByteSize(bytes: Limits.holes)), the"
                + " limit for an archive"
            )
          }
        }
        entry.size = holes?.map.size ?? left
        return entry
      }
    }
  }

  private func entry(
    _ header: TarHeader, _ pax: PaxRecords, _ longName: ByteString?, _ longLink: ByteString?
  ) throws(Failure) -> TarEntry {
    let link = pax.link ?? longLink ?? ByteString(header.text(TarField.link))
    let path = pax.sparse.name ?? pax.path ?? longName ?? ByteString(header.name)
    let mtime = try header.number(TarField.mtime, unless: pax.mtime)
    guard Limits.times.contains(mtime) else {
      throw damaged("the time of '\(path.brief)', \(mtime), is not in the years 1 to 9999")
    }
    return TarEntry(
      path: path, kind: try header.entryKind(link: link),
      mode: UInt32(truncatingIfNeeded: try header.number(TarField.mode)) & 0o7777,
      uid: try header.number(TarField.uid, unless: pax.uid),
      gid: try header.number(TarField.gid, unless: pax.gid), mtime: mtime, xattrs: pax.xattrs)
  }

  private func check(_ size: Int, of entry: TarEntry) throws(Failure) {
    guard size <= Limits.file else {
      throw damaged(
        "'\(entry.path.brief)' has \(size) bytes, but the limit for a file is"
          + " \(ByteSize(bytes: Limits.file))")
    }
  }

  /// The next part of the content of the entry that `next` gave last.
  ///
  /// - Returns: Nil at the content's end.
  /// - Throws: When the archive is damaged.
  package mutating func content() throws(Failure) -> Piece? {
    if var holes {
      let hole = holes.next()
      self.holes = holes
      if let hole { return .hole(hole) }
    }
    guard left > 0 else { return nil }
    try fill()
    guard !chunk.isEmpty else { throw damaged("it ends in the middle of a file") }
    let data = chunk.prefix(min(left, holes?.untilHole ?? left))
    chunk = chunk.dropFirst(data.count)
    left -= data.count
    holes?.pass(data.count)
    return .data(data)
  }

  /// Reads what follows the last entry, which has no meaning.
  ///
  /// - Throws: When it cannot be read.
  package mutating func finish() throws(Failure) {
    repeat {
      chunk = []
      try fill()
    } while !chunk.isEmpty
  }

  /// Finds out where the holes of an entry are.
  private mutating func begin(_ sparse: PaxSparse, _ header: TarHeader) throws(Failure) {
    var map = sparse.map
    if header.kind == UInt8(ascii: "S") {
      var old = try header.sparse()
      while old.isContinued {
        guard let block = try self.header() else {
          throw damaged("it ends in the middle of a header")
        }
        try old.continued(TarHeader(block, archive: archive))
        try check(extents: old.map.extents.count)
      }
      map = old.map
    } else if sparse.isBeforeData, let size = sparse.size {
      map = SparseMap(size: size)
      try readMap(&map)
    }
    guard let map else { return }
    guard map.fits(left) else { throw damaged("the map of a sparse file does not match the file") }
    holes = Holes(map)
  }

  /// Reads a map of the format 1.0: decimal numbers, a line each, the first of them how many pairs
  /// follow; then zeros up to the end of the block.
  private mutating func readMap(_ map: inout SparseMap?) throws(Failure) {
    var count: Int?
    var numbers: [Int] = []
    var digits: [UInt8] = []
    while count.map({ numbers.count < 2 * $0 }) ?? true {
      guard left >= TarField.block, let block = try header() else {
        throw damaged("it ends in the middle of the map of a sparse file")
      }
      left -= TarField.block
      for byte in block {
        if byte != UInt8(ascii: "\n") {
          digits.append(byte)
          continue
        }
        guard let number = number(digits) else {
          throw damaged("the map of a sparse file is not made of numbers")
        }
        digits = []
        guard let pairs = count else {
          try check(extents: number)
          count = number
          if number == 0 { break }
          continue
        }
        numbers.append(number)
        if numbers.count == 2 * pairs { break }
      }
      // A number has no more than 19 digits.
      guard digits.count < TarField.block else {
        throw damaged("the map of a sparse file is not made of numbers")
      }
    }
    map?.add(numbers)
  }

  private func check(extents count: Int) throws(Failure) {
    guard count <= Limits.extents else {
      throw damaged("a sparse file has \(count) pieces, but the limit is \(Limits.extents)")
    }
  }

  /// One block; nil where the archive ends instead.
  private mutating func header() throws(Failure) -> ArraySlice<UInt8>? {
    try fill()
    if chunk.isEmpty { return nil }
    if chunk.count < TarField.block {
      var block = Array(chunk)
      chunk = []
      while block.count < TarField.block {
        try fill()
        guard !chunk.isEmpty else { throw damaged("it ends in the middle of a header") }
        let part = chunk.prefix(TarField.block - block.count)
        block += part
        chunk = chunk.dropFirst(part.count)
      }
      return block[...]
    }
    defer { chunk = chunk.dropFirst(TarField.block) }
    return chunk.prefix(TarField.block)
  }

  /// The content of an entry that says something of the next one.
  ///
  /// `said` counts the bytes of all that is said of the same entry.
  private mutating func note(_ header: TarHeader, _ said: inout Int) throws(Failure) -> [UInt8] {
    let size = try header.number(TarField.size)
    guard size >= 0, size <= Limits.headers - said else {
      throw damaged(
        "the headers of a file are larger than \(ByteSize(bytes: Limits.headers)), the limit")
    }
    said += size
    var bytes: [UInt8] = []
    while bytes.count < size {
      try fill()
      guard !chunk.isEmpty else { throw damaged("it ends in the middle of a header") }
      let part = chunk.prefix(size - bytes.count)
      bytes += part
      chunk = chunk.dropFirst(part.count)
    }
    try skip(Self.padding(size))
    return bytes
  }

  private mutating func skip(_ count: Int) throws(Failure) {
    var rest = count
    while rest > 0 {
      try fill()
      // Some archives end without the last padding.
      if chunk.isEmpty, rest < TarField.block { return }
      guard !chunk.isEmpty else { throw damaged("it ends in the middle of a file") }
      let part = min(rest, chunk.count)
      chunk = chunk.dropFirst(part)
      rest -= part
    }
  }

  /// Reads on to the end: what holds the archive may be cut short behind the archive's end mark, or have more.
  private mutating func pass() throws(Failure) {
    repeat {
      chunk = []
      try fill()
    } while !chunk.isEmpty
  }

  private mutating func fill() throws(Failure) {
    guard chunk.isEmpty else { return }
    chunk = try more()[...]
    received += chunk.count
  }

  private static func padding(_ size: Int) -> Int {
    (TarField.block - size % TarField.block) % TarField.block
  }

  private func damaged(_ cause: String) -> Failure {
    Failure("read", "the tar archive in \(archive)", cause: cause)
  }
}

extension [UInt8] {
  /// What GNU's long names have before their NUL.
  fileprivate var name: ByteString { ByteString(prefix { $0 != 0 }) }
}

/// A way through a file with holes.
private struct Holes {
  private(set) var map: SparseMap
  private var index = 0
  private var position = 0

  init(_ map: SparseMap) {
    self.map = map
    // The last of them may be empty, to say where the file ends.
    self.map.extents.removeAll { $0.size == 0 }
  }

  /// The hole at this place; nil where there is data, or the file's end.
  mutating func next() -> Int? {
    let end = index < map.extents.count ? map.extents[index].offset : map.size
    guard end > position else { return nil }
    defer { position = end }
    return end - position
  }

  /// Bytes of data up to the next hole.
  var untilHole: Int {
    index < map.extents.count
      ? map.extents[index].offset + map.extents[index].size - position : 0
  }

  mutating func pass(_ count: Int) {
    position += count
    if untilHole == 0 { index += 1 }
  }
}
