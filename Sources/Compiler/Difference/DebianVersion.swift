/// A version of a Debian package, ordered as dpkg orders them (deb-version(7), "Sorting algorithm").
package struct DebianVersion: Comparable {
  private var epoch: Int
  private var upstream: [UInt8]
  private var revision: [UInt8]

  package init(_ text: String) {
    var rest = text[...]
    epoch = 0
    if let colon = rest.firstIndex(of: ":"), let number = Int(rest[..<colon]) {
      epoch = number
      rest = rest[rest.index(after: colon)...]
    }
    let hyphen = rest.lastIndex(of: "-")
    upstream = Array(rest[..<(hyphen ?? rest.endIndex)].utf8)
    revision = hyphen.map { Array(rest[rest.index(after: $0)...].utf8) } ?? []
  }

  package static func < (a: Self, b: Self) -> Bool {
    if a.epoch != b.epoch { return a.epoch < b.epoch }
    let upstream = order(a.upstream, b.upstream)
    return upstream != 0 ? upstream < 0 : order(a.revision, b.revision) < 0
  }

  /// Negative where `a` comes first: a stretch of other characters and one of digits by turns.
  private static func order(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var (a, b) = (a[...], b[...])
    while !a.isEmpty || !b.isEmpty {
      while a.first.map(isDigit) == false || b.first.map(isDigit) == false {
        let difference = weight(a.first) - weight(b.first)
        if difference != 0 { return difference }
        a = a.dropFirst()
        b = b.dropFirst()
      }
      let (left, right) = (number(&a), number(&b))
      if left.count != right.count { return left.count - right.count }
      for (x, y) in zip(left, right) where x != y { return Int(x) - Int(y) }
    }
    return 0
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  /// Takes the digits off the front; without the zeros that lead them.
  private static func number(_ text: inout ArraySlice<UInt8>) -> [UInt8] {
    let digits = text.prefix(while: isDigit)
    text = text.dropFirst(digits.count)
    return Array(digits.drop { $0 == 48 })
  }

  /// A tilde comes before the end, the end before letters, letters before all else.
  private static func weight(_ byte: UInt8?) -> Int {
    guard let byte, !isDigit(byte) else { return 0 }
    if byte == UInt8(ascii: "~") { return -1 }
    let isLetter = (65...90).contains(byte) || (97...122).contains(byte)
    return isLetter ? Int(byte) : Int(byte) + 256
  }
}
