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
  /// - Returns: Nil at the archive's end.
  /// - Throws: When the archive is damaged.
  package mutating func next() throws(Failure) -> TarEntry? {
    try skip(left + padding)
    (left, padding, holes) = (0, 0, nil)
    var longName: [UInt8]?
    var longLink: [UInt8]?
    var pax = PaxRecords()
    while true {
      guard let block = try header() else { return nil }
      let header = TarHeader(block, archive: archive)
      guard try header.isUsed() else { return nil }
      let stored = try header.number(TarField.size, unless: pax.size)
      guard stored >= 0 else { throw damaged("an entry's size is negative") }
      switch header.kind {
      case UInt8(ascii: "L"): longName = Array(try note(stored).prefix { $0 != 0 })
      case UInt8(ascii: "K"): longLink = Array(try note(stored).prefix { $0 != 0 })
      case UInt8(ascii: "x"): try pax.read(try note(stored)[...], archive: archive)
      case UInt8(ascii: "g"): try skip(stored + Self.padding(stored))
      default:
        let link = pax.link ?? longLink ?? header.text(TarField.link)
        var entry = TarEntry(
          path: pax.sparse.name ?? pax.path ?? longName ?? header.name,
          kind: try header.entryKind(link: link),
          mode: UInt32(truncatingIfNeeded: try header.number(TarField.mode)) & 0o7777,
          uid: try header.number(TarField.uid, unless: pax.uid),
          gid: try header.number(TarField.gid, unless: pax.gid),
          mtime: try header.number(TarField.mtime, unless: pax.mtime), xattrs: pax.xattrs)
        // Links and folders have no content, whatever their size field says.
        guard case .file = entry.kind else { return entry }
        (left, padding) = (stored, Self.padding(stored))
        try begin(pax.sparse, header)
        entry.size = holes?.map.size ?? left
        return entry
      }
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
    guard !chunk.isEmpty else { throw damaged("it ends within content") }
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
        guard let block = try self.header() else { throw damaged("it ends within a header") }
        try old.continued(TarHeader(block, archive: archive))
      }
      map = old.map
    } else if sparse.isBeforeData, let size = sparse.size {
      map = SparseMap(size: size)
      try readMap(&map)
    }
    guard let map else { return }
    guard map.fits(left) else { throw damaged("the map of a file with holes does not fit it") }
    holes = Holes(map)
  }

  /// Reads a map of the format 1.0: decimal numbers, a line each, the first of them how many pairs
  /// follow; then zeros up to the end of the block.
  private mutating func readMap(_ map: inout SparseMap?) throws(Failure) {
    var numbers: [Int] = []
    var digits: [UInt8] = []
    while numbers.isEmpty || numbers.count < 2 * numbers[0] + 1 {
      guard left >= TarField.block, let block = try header() else {
        throw damaged("it ends within the map of a file with holes")
      }
      left -= TarField.block
      for byte in block {
        if byte != UInt8(ascii: "\n") {
          digits.append(byte)
          continue
        }
        guard let number = PaxRecords.number(digits), number >= 0, number < 1 << 61 else {
          throw damaged("the map of a file with holes has no numbers")
        }
        numbers.append(number)
        digits = []
        if numbers.count > 2 * numbers[0] { break }
      }
    }
    map?.add(Array(numbers.dropFirst()))
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
        guard !chunk.isEmpty else { throw damaged("it ends within a header") }
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
  private mutating func note(_ size: Int) throws(Failure) -> [UInt8] {
    // No name and no attribute that Linux knows is longer than 64 KiB.
    guard size <= 1 << 24 else { throw damaged("a header is larger than 16 MiB") }
    var bytes: [UInt8] = []
    while bytes.count < size {
      try fill()
      guard !chunk.isEmpty else { throw damaged("it ends within a header") }
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
      guard !chunk.isEmpty else { throw damaged("it ends within content") }
      let part = min(rest, chunk.count)
      chunk = chunk.dropFirst(part)
      rest -= part
    }
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
