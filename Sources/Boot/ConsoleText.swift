/// What a serial console said, without what only moves a cursor or sets a colour.
enum ConsoleText {
  /// Text with line ends of one byte and without escape sequences (ECMA-48: CSI, OSC, and those
  /// of two bytes).
  static func plain(_ bytes: ArraySlice<UInt8>) -> String {
    var text: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      switch byte {
      case 0x1b: skipSequence(&rest)
      case 0x0a, 0x09, 0x20...0x7e, 0x80...: text.append(byte)
      default: break
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func skipSequence(_ rest: inout ArraySlice<UInt8>) {
    switch rest.popFirst() {
    case UInt8(ascii: "["):
      while let byte = rest.popFirst(), !(0x40...0x7e).contains(byte) {}
    case UInt8(ascii: "]"):
      while let byte = rest.popFirst(), byte != 0x07 {
        if byte == 0x1b {
          rest = rest.dropFirst()
          return
        }
      }
    default: break
    }
  }

  /// The last lines that say anything.
  static func lastLines(_ count: Int, of bytes: [UInt8]) -> [String] {
    plain(bytes[...]).split(separator: "\n").map(String.init)
      .filter { !$0.allSatisfy(\.isWhitespace) }.suffix(count)
  }
}
