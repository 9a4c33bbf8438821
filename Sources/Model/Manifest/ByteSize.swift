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
    written.mapped(
      { text, node, problems in
        if let size = ByteSize(text), size.bytes > 0 {
          if size <= limit { return size }
          problems.report(
            "'\(text)' is too large", at: node.mark,
            remedy: "use at most \(limit)")
          return nil
        }
        problems.report(
          "'\(text)' is not a valid size", at: node.mark,
          remedy: nearest(text).map { "write \($0)" }
            ?? "write a whole number and one of KiB, MiB, GiB, TiB: 512MiB")
        return nil
      }, { $0.description }
    ).describing([("pattern", .string("^[1-9][0-9]*(KiB|MiB|GiB|TiB)$"))])
  }

  /// A text; a number, which people write who think of bytes or have forgotten the unit, is refused.
  private static var written: Schema<String> {
    Schema<String>(
      describe: Schema<String>.string.describe,
      decode: { node, problems in
        guard case .integer(let number) = node.value else {
          return Schema<String>.string.decode(node, &problems)
        }
        problems.report(
          "the size \(number) has no unit", at: node.mark,
          remedy: nearest("\(number)").map { "write \($0)" }
            ?? "write a whole number and one of KiB, MiB, GiB, TiB: 512MiB")
        return nil
      },
      encode: { .string($0) })
  }

  /// What was most likely meant by a size in another tool's way: `4G`, `4 GB`, `1.5GiB`, bytes; nil where that is
  /// anybody's guess.
  static func nearest(_ text: String) -> ByteSize? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits), number > 0, number <= Double(limit.bytes) else { return nil }
    let unit = text.dropFirst(digits.count).filter { $0 != " " }.lowercased()
    let shift: Int
    switch unit {
    case "k", "kb", "kib": shift = 10
    case "m", "mb", "mib": shift = 20
    case "g", "gb", "gib": shift = 30
    case "t", "tb", "tib": shift = 40
    case "b": shift = 0
    // As many bytes, mebibytes or gibibytes as a disk can have.
    case "": shift = number >= Double(1 << 20) ? 0 : number > 64 ? 20 : 30
    default: return nil
    }
    guard number * Double(1 << shift) <= Double(limit.bytes) else { return nil }
    let mebibytes = (number * Double(1 << shift) / Double(1 << 20)).rounded(.up)
    return ByteSize(bytes: Int(mebibytes) << 20)
  }
}
