package import Model

/// YAML text → `Node`, by libyaml, with the place of every key and value.
///
/// Read are the scalars of YAML 1.2's core schema that have one meaning: `true`, `false`, `null`,
/// `~`, nothing at all, and decimal whole numbers. All else is text, and so is all that is quoted.
/// The key `<<` merges the mapping that it is given, or each of a list of them, into the one that it stands in,
/// as YAML 1.1 has it: keys that are there already win.
/// Refused are several documents, keys that stand twice or are no scalars, tags other than `!!str`,
/// and documents nested deeper than `depthLimit` or, with their aliases written out, of more than
/// `nodeLimit` values.
package enum YAML {
  /// How many collections may be inside one another.
  package static let depthLimit = 64
  /// How many values a document may have, those that aliases repeat counted each time.
  package static let nodeLimit = 100_000

  /// Reads one document.
  ///
  /// - Parameters:
  ///   - bytes: The text, UTF-8.
  ///   - file: What the text is called in a diagnostic.
  /// - Returns: The document's value.
  /// - Throws: What is wrong with the text.
  package static func parse(_ bytes: [UInt8], file: String) throws(Refusal) -> Node {
    // Some Windows editors put a byte order mark first. It is not part of the text.
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let reader = EventReader(
      bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes, file: file)
    var composer = Composer(reader)
    do { return try composer.document() } catch {
      throw Refusal(diagnostics: composer.duplicates + [error])
    }
  }

  /// What an unquoted scalar means.
  static func plain(_ text: String) -> Node.Value {
    switch text {
    case "", "~", "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    default:
      let digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
      let isNumber =
        !digits.isEmpty && text.utf8.count - digits.count <= 1
        && digits.allSatisfy { (0x30...0x39).contains($0) }
      if isNumber, let number = Int(text) { return .integer(number) }
      return .string(text)
    }
  }
}
