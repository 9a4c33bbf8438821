package import Model

/// Reads a tar archive that is in memory: ustar, GNU's long names, and pax headers.
package struct TarReader {
  private let bytes: [UInt8]
  private let archive: String
  private var position = 0

  /// - Parameters:
  ///   - bytes: The whole archive, not compressed.
  ///   - archive: What the archive is called in a failure.
  package init(_ bytes: [UInt8], archive: String) {
    self.bytes = bytes
    self.archive = archive
  }

  /// The next entry and its content; nil at the archive's end.
  package mutating func next() throws(Failure) -> (entry: TarEntry, content: ArraySlice<UInt8>)? {
    var longName: [UInt8]?
    var longLink: [UInt8]?
    var pax = PaxRecords()
    while true {
      let header = try block(TarField.block, of: "a header")
      if header.allSatisfy({ $0 == 0 }) { return nil }
      try check(header)
      let kind = header[header.startIndex + TarField.kind]
      let size = try pick(pax.size, header, TarField.size)
      // Links and folders have no content, whatever their size field says.
      let hasContent = !(0x31...0x36).contains(kind)
      let content = try block(hasContent ? size : 0, of: "content")
      switch kind {
      case UInt8(ascii: "L"): longName = Array(content.prefix { $0 != 0 })
      case UInt8(ascii: "K"): longLink = Array(content.prefix { $0 != 0 })
      case UInt8(ascii: "x"): try pax.read(content, archive: archive)
      case UInt8(ascii: "g"): break
      default:
        let link = pax.link ?? longLink ?? text(header, TarField.link)
        let entry = TarEntry(
          path: pax.path ?? longName ?? name(header), kind: try self.kind(kind, header, link: link),
          mode: UInt32(truncatingIfNeeded: try number(header, TarField.mode)) & 0o7777,
          uid: try pick(pax.uid, header, TarField.uid),
          gid: try pick(pax.gid, header, TarField.gid), size: content.count,
          mtime: try pick(pax.mtime, header, TarField.mtime), xattrs: pax.xattrs)
        return (entry, content)
      }
    }
  }

  /// The next `count` bytes; the position moves past the padding to whole blocks.
  private mutating func block(_ count: Int, of what: String) throws(Failure) -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - position else {
      throw damaged("it ends within \(what)")
    }
    defer {
      let whole = (count + TarField.block - 1) / TarField.block * TarField.block
      position = min(position + whole, bytes.count)
    }
    return bytes[position..<position + count]
  }

  private func kind(_ byte: UInt8, _ header: ArraySlice<UInt8>, link: [UInt8]) throws(Failure)
    -> TarEntry.Kind
  {
    switch byte {
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): return .file
    case UInt8(ascii: "1"): return .hardLink(to: link)
    case UInt8(ascii: "2"): return .symbolicLink(to: link)
    case UInt8(ascii: "3"), UInt8(ascii: "4"):
      let major = try number(header, TarField.major)
      let minor = try number(header, TarField.minor)
      return byte == UInt8(ascii: "3")
        ? .characterDevice(major: major, minor: minor) : .blockDevice(major: major, minor: minor)
    case UInt8(ascii: "5"): return .directory
    case UInt8(ascii: "6"): return .fifo
    default: throw damaged("it has an entry of the unknown type \(byte)")
    }
  }

  private func name(_ header: ArraySlice<UInt8>) -> [UInt8] {
    let name = text(header, TarField.name)
    // Only POSIX headers have a prefix; GNU's have times in its place.
    guard text(header, TarField.magic).starts(with: Array("ustar".utf8)),
      header[header.startIndex + TarField.magic.lowerBound + 5] == 0
    else { return name }
    let prefix = text(header, TarField.prefix)
    return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
  }

  private func field(_ header: ArraySlice<UInt8>, _ range: Range<Int>) -> ArraySlice<UInt8> {
    header[header.startIndex + range.lowerBound..<header.startIndex + range.upperBound]
  }

  private func text(_ header: ArraySlice<UInt8>, _ range: Range<Int>) -> [UInt8] {
    Array(field(header, range).prefix { $0 != 0 })
  }

  /// What an extended header says, or else the header's own field.
  private func pick(_ extended: Int?, _ header: ArraySlice<UInt8>, _ range: Range<Int>)
    throws(Failure) -> Int
  {
    if let extended { return extended }
    return try number(header, range)
  }

  /// A number: octal digits, or GNU's big-endian binary form, marked by the highest bit.
  private func number(_ header: ArraySlice<UInt8>, _ range: Range<Int>) throws(Failure) -> Int {
    let digits = field(header, range)
    if let first = digits.first, first & 0x80 != 0 {
      return digits.dropFirst().reduce(first & 0x40 != 0 ? -1 : 0) { $0 << 8 | Int($1) }
    }
    var value = 0
    for byte in digits where byte != 0 && byte != UInt8(ascii: " ") {
      guard (0x30...0x37).contains(byte) else { throw damaged("a header's number is not octal") }
      value = value << 3 | Int(byte - 0x30)
    }
    return value
  }

  private func check(_ header: ArraySlice<UInt8>) throws(Failure) {
    var sum = 0
    for (index, byte) in header.enumerated() {
      sum += TarField.checksum.contains(index) ? 0x20 : Int(byte)
    }
    guard try number(header, TarField.checksum) == sum else {
      throw damaged("a header's checksum is wrong")
    }
  }

  private func damaged(_ cause: String) -> Failure {
    Failure("read", "the tar archive in \(archive)", cause: cause)
  }
}
