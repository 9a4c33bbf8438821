/// What a machine says on its serial console, for a terminal that is not the machine's: text and line ends, and nothing
/// that a terminal obeys.
///
/// A machine may be anybody's: what it says comes in pieces, which can end anywhere.
package struct ConsoleFilter {
  private enum Place { case text, escape, sequence, string, stringEscape }

  private var place = Place.text
  /// The first byte of a control character of two bytes (C1 in UTF-8), held back until the second is seen.
  private var isC1Begun = false
  /// How many bytes the character has that has begun, beside those that were seen.
  private var further = 0

  package init() {}

  /// What of the next bytes is to be shown.
  package mutating func shown(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    for byte in bytes { text += shown(byte) }
    return text
  }

  /// The sequences are those of ECMA-48: CSI, OSC and its like, and those of two bytes.
  private mutating func shown(_ byte: UInt8) -> [UInt8] {
    switch place {
    case .escape:
      switch byte {
      case UInt8(ascii: "["): place = .sequence
      case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"),
        UInt8(ascii: "_"):
        place = .string
      // Between the two bytes of `ESC ( B` and its like.
      case 0x20...0x2f: break
      default: place = .text
      }
      return []
    case .sequence:
      if (0x40...0x7e).contains(byte) { place = .text }
      return []
    case .string:
      if byte == 0x07 || byte == 0x0a { place = .text }
      if byte == 0x1b { place = .stringEscape }
      return []
    case .stringEscape:
      place = .text
      return []
    case .text: return plain(byte)
    }
  }

  private mutating func plain(_ byte: UInt8) -> [UInt8] {
    if isC1Begun {
      isC1Begun = false
      if (0xa0..<0xc0).contains(byte) { return [0xc2, byte] }
      return (0x80..<0xa0).contains(byte) ? [] : plain(byte)
    }
    if (0x80..<0xc0).contains(byte) {
      // On its own it is a control character to terminals that do not know UTF-8.
      guard further > 0 else { return [] }
      further -= 1
      return [byte]
    }
    further = 0
    switch byte {
    case 0x1b: place = .escape
    case 0xc2: isC1Begun = true
    case 0x09, 0x0a, 0x20...0x7e: return [byte]
    case 0xc3...0xdf: further = 1
    case 0xe0...0xef: further = 2
    case 0xf0...0xf4: further = 3
    default: break
    }
    return further > 0 ? [byte] : []
  }
}
