/// Writes gzip (RFC 1952) with fixed Huffman codes (RFC 1951, section 3.2.6): the same bytes of the
/// same data, whichever library the host has.
struct Gzip {
  private var output: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
  private var waiting: [UInt8] = []
  private var sum = ~UInt32(0)
  private var count: UInt32 = 0
  private var bits: UInt64 = 0
  private var bitCount: UInt64 = 0

  /// What one block has; nothing refers further back than the 32 KiB that the format allows.
  private static let blockSize = 1 << 15

  mutating func write(_ bytes: [UInt8]) {
    for byte in bytes { sum = crcTable[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8 }
    count &+= UInt32(truncatingIfNeeded: bytes.count)
    waiting += bytes
    while waiting.count >= Self.blockSize {
      addBlock(Array(waiting.prefix(Self.blockSize)), isLast: false)
      waiting.removeFirst(Self.blockSize)
    }
  }

  /// The whole file.
  mutating func finish() -> [UInt8] {
    addBlock(waiting, isLast: true)
    if bitCount > 0 { put(0, 8 - bitCount) }
    for value in [~sum, count] {
      for byte in 0..<4 { output.append(UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte)))) }
    }
    return output
  }

  private mutating func addBlock(_ bytes: [UInt8], isLast: Bool) {
    put(isLast ? 1 : 0, 1)
    put(1, 2)
    var last = [Int32](repeating: -1, count: 1 << 13)
    var place = 0
    while place < bytes.count {
      guard place + 3 <= bytes.count else {
        putSymbol(Int(bytes[place]))
        place += 1
        continue
      }
      let key = Int(bytes[place]) << 16 | Int(bytes[place + 1]) << 8 | Int(bytes[place + 2])
      let slot = (key &* 0x9e37_79b1) >> 15 & 0x1fff
      let earlier = Int(last[slot])
      last[slot] = Int32(place)
      var length = 0
      if earlier >= 0 {
        while length < 258, place + length < bytes.count,
          bytes[earlier + length] == bytes[place + length]
        {
          length += 1
        }
      }
      if length < 3 {
        putSymbol(Int(bytes[place]))
        place += 1
      } else {
        putMatch(length, place - earlier)
        place += length
      }
    }
    putSymbol(256)
  }

  private mutating func putMatch(_ length: Int, _ distance: Int) {
    let code = lengths.lastIndex { $0.base <= length } ?? 0
    putSymbol(257 + code)
    put(UInt64(length - lengths[code].base), lengths[code].extra)
    let way = distances.lastIndex { $0.base <= distance } ?? 0
    putCode(UInt64(way), 5)
    put(UInt64(distance - distances[way].base), distances[way].extra)
  }

  private mutating func putSymbol(_ symbol: Int) {
    switch symbol {
    case ..<144: putCode(UInt64(0x30 + symbol), 8)
    case ..<256: putCode(UInt64(0x190 + symbol - 144), 9)
    case ..<280: putCode(UInt64(symbol - 256), 7)
    default: putCode(UInt64(0xc0 + symbol - 280), 8)
    }
  }

  /// Huffman codes begin with their highest bit, all else with its lowest.
  private mutating func putCode(_ code: UInt64, _ count: UInt64) {
    for bit in (0..<count).reversed() { put(code >> bit & 1, 1) }
  }

  private mutating func put(_ value: UInt64, _ count: UInt64) {
    bits |= value << bitCount
    bitCount += count
    while bitCount >= 8 {
      output.append(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
      bitCount -= 8
    }
  }
}

private typealias Range = (base: Int, extra: UInt64)

/// RFC 1951, section 3.2.5: the codes 257 to 285.
private let lengths: [Range] =
  zip(
    [
      3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
      163, 195, 227, 258,
    ],
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
  ).map { ($0, $1) }

/// The same section: each two codes have one bit more.
private let distances: [Range] = (0..<30).map { code in
  if code < 4 { return (code + 1, 0) }
  let extra = code / 2 - 1
  return ((2 + code % 2) << extra + 1, UInt64(extra))
}

private let crcTable = (0..<256).map { byte -> UInt32 in
  (0..<8).reduce(UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xedb8_8320 : 0) }
}
