extension Node {
  /// The one compact JSON text of this value: UTF-8, members sorted by the bytes of their keys, no
  /// white space.
  ///
  /// This is what ids are computed over.
  package var canonicalBytes: [UInt8] {
    var writer = JSONWriter(pretty: false)
    writer.write(self, indent: 0)
    return writer.bytes
  }

  /// The one pretty JSON text of this value, as manifests are written: two spaces, members sorted
  /// by the bytes of their keys, a newline at the end.
  package var prettyBytes: [UInt8] {
    var writer = JSONWriter(pretty: true)
    writer.write(self, indent: 0)
    writer.bytes.append(UInt8(ascii: "\n"))
    return writer.bytes
  }

  package var prettyText: String { String(decoding: prettyBytes, as: UTF8.self) }
}

private struct JSONWriter {
  let pretty: Bool
  var bytes: [UInt8] = []

  init(pretty: Bool) { self.pretty = pretty }

  mutating func write(_ node: Node, indent: Int) {
    switch node.value {
    case .null: bytes += "null".utf8
    case .bool(let flag): bytes += (flag ? "true" : "false").utf8
    case .integer(let number): bytes += String(number).utf8
    case .decimal(let thousandths): write(thousandths: thousandths)
    case .string(let text): write(text)
    case .list(let items):
      bracket("[", "]", isEmpty: items.isEmpty, indent: indent) { writer in
        for (index, item) in items.enumerated() {
          if index > 0 { writer.separate(indent: indent + 1) }
          writer.write(item, indent: indent + 1)
        }
      }
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      bracket("{", "}", isEmpty: members.isEmpty, indent: indent) { writer in
        for (index, member) in sorted.enumerated() {
          if index > 0 { writer.separate(indent: indent + 1) }
          writer.write(member.key)
          writer.bytes += (writer.pretty ? ": " : ":").utf8
          writer.write(member.value, indent: indent + 1)
        }
      }
    }
  }

  /// One to three digits after the point: as many as are needed.
  private mutating func write(thousandths: Int) {
    let (whole, rest) = thousandths.magnitude.quotientAndRemainder(dividingBy: 1000)
    var digits = String(1000 + rest).dropFirst()
    while digits.count > 1, digits.last == "0" { digits.removeLast() }
    bytes += "\(thousandths < 0 ? "-" : "")\(whole).\(digits)".utf8
  }

  private mutating func bracket(
    _ open: String, _ close: String, isEmpty: Bool, indent: Int,
    _ body: (inout JSONWriter) -> Void
  ) {
    bytes += open.utf8
    if !isEmpty {
      newline(indent: indent + 1)
      body(&self)
      newline(indent: indent)
    }
    bytes += close.utf8
  }

  private mutating func separate(indent: Int) {
    bytes.append(UInt8(ascii: ","))
    newline(indent: indent)
  }

  private mutating func newline(indent: Int) {
    guard pretty else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * 2))
  }

  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    // A terminal may be where this goes; ids are hashed from the other form, which stays as it is.
    if pretty, !text.utf8.allSatisfy({ $0 < 0x7f }) {
      for scalar in text.unicodeScalars {
        if scalar.value >= 0x7f, scalar.isHidden {
          for unit in UTF16.encode(scalar)?.map(\.self) ?? [] { writeEscape(unit) }
        } else {
          for byte in UTF8.encode(scalar)?.map(\.self) ?? [] { write(byte) }
        }
      }
    } else {
      for byte in text.utf8 { write(byte) }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func write(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): bytes += "\\\"".utf8
    case UInt8(ascii: "\\"): bytes += "\\\\".utf8
    case UInt8(ascii: "\n"): bytes += "\\n".utf8
    case UInt8(ascii: "\t"): bytes += "\\t".utf8
    case UInt8(ascii: "\r"): bytes += "\\r".utf8
    case 0..<0x20: writeEscape(UInt16(byte))
    default: bytes.append(byte)
    }
  }

  /// As RFC 8259, section 7, has it.
  private mutating func writeEscape(_ unit: UInt16) {
    let digits = String(unit, radix: 16)
    bytes += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
  }
}
