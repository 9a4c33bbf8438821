/// A file's permission bits.
///
/// Written as octal digits in a string: `0644`.
package struct FileMode: Sendable, Hashable, CustomStringConvertible {
  package var bits: UInt32

  package init(bits: UInt32) { self.bits = bits & 0o7777 }

  /// Reads three or four octal digits; nil for anything else.
  package init?(_ text: String) {
    guard (3...4).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x30...0x37).contains($0) }), let bits = UInt32(text, radix: 8)
    else { return nil }
    self.bits = bits
  }

  package var description: String {
    let digits = String(bits, radix: 8)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  package static var schema: Schema<FileMode> {
    let text = Schema<String>(
      describe: Schema<String>.string.describe,
      decode: { node, problems in
        if case .integer = node.value {
          problems.report(
            "a mode must be in quotes: \(node.kind) would be read as decimal", at: node.mark,
            remedy: "write it as octal digits in quotes: \"0644\"")
          return nil
        }
        return Schema<String>.string.decode(node, &problems)
      },
      encode: { .string($0) })
    return text.mapped(
      { text, node, problems in
        if let mode = FileMode(text) { return mode }
        problems.report(
          "'\(text)' is not a valid mode", at: node.mark,
          remedy: "write three or four octal digits: \"0644\"")
        return nil
      }, { $0.description }
    ).describing([("pattern", .string("^[0-7]{3,4}$"))])
  }
}
