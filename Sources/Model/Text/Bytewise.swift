/// What is asked of a text as bytes.
///
/// To Swift a text is characters: a `/` with a combining mark after it is no `/`, a carriage return and a line feed are
/// one, and two spellings of `é` are the same. The kernel, shells and formats look at bytes, and what is checked for them
/// has to be looked at alike.
extension StringProtocol {
  /// Whether both are the same bytes.
  package func isSame(as other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }

  package func begins(with start: some StringProtocol) -> Bool { utf8.starts(with: start.utf8) }

  package func ends(with end: some StringProtocol) -> Bool {
    utf8.count >= end.utf8.count && utf8.suffix(end.utf8.count).elementsEqual(end.utf8)
  }

  /// Whether it has this character of ASCII.
  package func has(_ character: Unicode.Scalar) -> Bool {
    utf8.contains(UInt8(ascii: character))
  }

  /// The parts between characters of ASCII.
  ///
  /// - Parameters:
  ///   - separator: The character.
  ///   - limit: How many there may be at most.
  ///   - keepingEmpty: Whether parts without anything in them count.
  /// - Returns: The parts, in order.
  package func parts(
    at separator: Unicode.Scalar, limit: Int = Int.max, keepingEmpty: Bool = false
  ) -> [String] {
    let splits = limit == Int.max ? limit : limit - 1
    return utf8.split(
      separator: UInt8(ascii: separator), maxSplits: splits,
      omittingEmptySubsequences: !keepingEmpty
    ).map { String(decoding: $0, as: UTF8.self) }
  }

  /// What stands before and behind the first of a character of ASCII; nil where there is none.
  package func cut(at separator: Unicode.Scalar) -> (before: String, after: String)? {
    let bytes = utf8
    guard let place = bytes.firstIndex(of: UInt8(ascii: separator)) else { return nil }
    return (
      String(decoding: bytes[..<place], as: UTF8.self),
      String(decoding: bytes[bytes.index(after: place)...], as: UTF8.self)
    )
  }

  /// What stands before and behind the last of a character of ASCII; nil where there is none.
  package func cut(atLast separator: Unicode.Scalar) -> (before: String, after: String)? {
    let bytes = Array(utf8)
    guard let place = bytes.lastIndex(of: UInt8(ascii: separator)) else { return nil }
    return (
      String(decoding: bytes[..<place], as: UTF8.self),
      String(decoding: bytes[(place + 1)...], as: UTF8.self)
    )
  }

  /// Whether it comes before another in the order of bytes.
  package func precedes(_ other: some StringProtocol) -> Bool {
    utf8.lexicographicallyPrecedes(other.utf8)
  }
}

extension Sequence where Element: StringProtocol {
  /// Sorted by bytes: Swift's own order takes two spellings of a letter for equal, and so is none for names.
  package func inByteOrder() -> [Element] { sorted { $0.precedes($1) } }

  /// Whether one of them is the same bytes.
  package func has(_ text: some StringProtocol) -> Bool { contains { $0.isSame(as: text) } }
}

/// Where two texts that people read alike differ: `é`, and how each of them spells it.
///
/// - Returns: Nil where they differ in more than the spelling (Unicode's canonical equivalence), or not at all.
package func spellings(_ a: String, _ b: String) -> (letter: String, first: String, second: String)?
{
  guard a == b, !a.isSame(as: b),
    let (one, other) = zip(a, b).first(where: { !String($0).isSame(as: String($1)) })
  else { return nil }
  func codes(_ character: Character) -> String {
    character.unicodeScalars.map { scalar in
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }.joined(separator: " ")
  }
  return (String(one), codes(one), codes(other))
}
