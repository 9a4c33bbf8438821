internal import Model

/// One header block of a tar archive (POSIX.1-2017, pax, "ustar Interchange Format"; tar(5)).
struct TarHeader {
  private let block: ArraySlice<UInt8>
  private let archive: String

  init(_ block: ArraySlice<UInt8>, archive: String) {
    self.block = block
    self.archive = archive
  }

  var kind: UInt8 { block[block.startIndex + TarField.kind] }

  /// Whether it is a header, and not the block of zeros that ends an archive.
  ///
  /// - Throws: When its checksum is wrong.
  func isUsed() throws(Failure) -> Bool {
    if block.allSatisfy({ $0 == 0 }) { return false }
    var sum = 0
    for (index, byte) in block.enumerated() {
      sum += TarField.checksum.contains(index) ? 0x20 : Int(byte)
    }
    guard try number(TarField.checksum) == sum else {
      throw damaged("a header's checksum is wrong")
    }
    return true
  }

  func entryKind(link: ByteString) throws(Failure) -> TarEntry.Kind {
    switch kind {
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"), UInt8(ascii: "S"): return .file
    case UInt8(ascii: "1"): return .hardLink(to: link)
    case UInt8(ascii: "2"): return .symbolicLink(to: link)
    case UInt8(ascii: "3"), UInt8(ascii: "4"):
      let major = try number(TarField.major)
      let minor = try number(TarField.minor)
      return kind == UInt8(ascii: "3")
        ? .characterDevice(major: major, minor: minor) : .blockDevice(major: major, minor: minor)
    case UInt8(ascii: "5"): return .directory
    case UInt8(ascii: "6"): return .fifo
    default: throw damaged("it has an entry of unknown type \(kind)")
    }
  }

  var name: [UInt8] {
    let name = text(TarField.name)
    // Only POSIX headers have a prefix; GNU's have times in its place.
    guard text(TarField.magic).starts(with: Array("ustar".utf8)),
      block[block.startIndex + TarField.magic.lowerBound + 5] == 0
    else { return name }
    let prefix = text(TarField.prefix)
    return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
  }

  func text(_ range: Range<Int>) -> [UInt8] { Array(field(range).prefix { $0 != 0 }) }

  /// A number: octal digits, or GNU's big-endian binary form, marked by the highest bit.
  func number(_ range: Range<Int>) throws(Failure) -> Int {
    let digits = field(range)
    if let first = digits.first, first & 0x80 != 0 {
      // Of the first byte the two highest bits are the mark and the sign.
      var value = first & 0x40 != 0 ? ~0x3f | Int(first & 0x3f) : Int(first & 0x3f)
      for byte in digits.dropFirst() {
        let (product, isTooLarge) = value.multipliedReportingOverflow(by: 256)
        if isTooLarge { throw damaged("a number in a header is too large") }
        value = product | Int(byte)
      }
      return value
    }
    let isEnd = { (byte: UInt8) in byte == 0 || byte == UInt8(ascii: " ") }
    let octal = digits.drop(while: isEnd).prefix { !isEnd($0) }
    guard let value = octal.isEmpty ? 0 : Model.number(octal, radix: 8) else {
      throw damaged("a number in a header is not octal")
    }
    return value
  }

  /// What an extended header says, or else the header's own field.
  func number(_ range: Range<Int>, unless extended: Int?) throws(Failure) -> Int {
    if let extended { return extended }
    return try number(range)
  }

  private func field(_ range: Range<Int>) -> ArraySlice<UInt8> {
    block[block.startIndex + range.lowerBound..<block.startIndex + range.upperBound]
  }

  private func damaged(_ cause: String) -> Failure {
    Failure("read", "the tar archive in \(archive)", cause: cause)
  }
}

extension TarHeader {
  /// The map in old GNU headers: four pairs in the first one, and 21 in each block that goes on.
  struct OldSparse {
    var map: SparseMap
    var isContinued: Bool

    mutating func continued(_ block: TarHeader) throws(Failure) {
      map.add(try block.pairs(21, from: 0))
      isContinued = block.flag(504)
    }
  }

  func sparse() throws(Failure) -> OldSparse {
    var map = SparseMap(size: try number(483..<495))
    map.add(try pairs(4, from: 386))
    return OldSparse(map: map, isContinued: flag(482))
  }

  private func flag(_ place: Int) -> Bool { block[block.startIndex + place] != 0 }

  /// Pairs of 12 bytes each; those that are not used are zeros.
  private func pairs(_ count: Int, from start: Int) throws(Failure) -> [Int] {
    var numbers: [Int] = []
    for index in 0..<count {
      let place = start + 24 * index
      guard flag(place) || flag(place + 12) else { break }
      numbers += [try number(place..<place + 12), try number(place + 12..<place + 24)]
    }
    return numbers
  }
}
