/// A number of bytes.
///
/// Written with a binary unit: `512MiB`, `4GiB`.
package struct ByteSize: Sendable, Hashable, Comparable, CustomStringConvertible {
  package var bytes: Int

  package init(bytes: Int) { self.bytes = bytes }

  /// The largest disk: sums of some such sizes can be computed with.
  private static let limit = ByteSize(bytes: 1 << 50)

  private static let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)]

  /// Reads a whole number and one of KiB, MiB, GiB, TiB; nil for anything else, and for more than
  /// a signed 64-bit number holds.
  package init?(_ text: String) {
    for (unit, shift) in Self.units where text.ends(with: unit) {
      let digits = String(decoding: text.utf8.dropLast(3), as: UTF8.self)
      guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(digits)
      else { return nil }
      let (bytes, overflow) = count.multipliedReportingOverflow(by: 1 << shift)
      guard !overflow else { return nil }
      self.bytes = bytes
      return
    }
    return nil
  }

  package var description: String {
    for (unit, shift) in Self.units where bytes > 0 && bytes % (1 << shift) == 0 {
      return "\(bytes >> shift)\(unit)"
    }
    return "\(bytes)B"
  }

  package static func < (a: ByteSize, b: ByteSize) -> Bool { a.bytes < b.bytes }

  package static var schema: Schema<ByteSize> {
    Schema<String>.string.mapped(
      { text, node, problems in
        if let size = ByteSize(text), size.bytes > 0 {
          if size <= limit { return size }
          problems.report(
            "'\(text)' is too large", at: node.mark,
            remedy: "use at most \(limit)")
          return nil
        }
        problems.report(
          "'\(text)' is no size", at: node.mark,
          remedy: "write a whole number and one of KiB, MiB, GiB, TiB: 512MiB")
        return nil
      }, { $0.description }
    ).describing([("pattern", .string("^[1-9][0-9]*(KiB|MiB|GiB|TiB)$"))])
  }
}
