package import Model

extension Tree {
  /// The versions of the kernels in `/boot`, the newest first.
  package func kernels() throws(Failure) -> [String] {
    let versions = try names(in: "/boot").filter { $0.hasPrefix("vmlinuz-") }
      .map { String($0.dropFirst("vmlinuz-".count)) }
    return versions.sorted { isNewer($0, than: $1) }
  }
}

/// Whether a version comes after another as people count: digits by their number, the rest by
/// its letters, and `~` before the end (deb-version(7)).
func isNewer(_ version: String, than other: String) -> Bool {
  var (a, b) = (Array(version.utf8)[...], Array(other.utf8)[...])
  func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  func weight(_ byte: UInt8?) -> Int {
    guard let byte, !isDigit(byte) else { return 0 }
    if byte == UInt8(ascii: "~") { return -1 }
    let isLetter = (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    return isLetter ? Int(byte) : Int(byte) + 256
  }
  func number(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
    let digits = rest.prefix(while: isDigit)
    rest = rest.dropFirst(digits.count)
    return Array(digits.drop { $0 == UInt8(ascii: "0") })
  }
  while !a.isEmpty || !b.isEmpty {
    while a.first.map({ !isDigit($0) }) ?? false || b.first.map({ !isDigit($0) }) ?? false {
      let (left, right) = (weight(a.first), weight(b.first))
      if left != right { return left > right }
      a = a.dropFirst()
      b = b.dropFirst()
    }
    let (left, right) = (number(&a), number(&b))
    if left.count != right.count { return left.count > right.count }
    if left != right { return right.lexicographicallyPrecedes(left) }
  }
  return false
}
