/// Bytes from elsewhere as a text for people: one line, in which nothing moves a terminal's cursor, changes its state,
/// or turns the order of letters around.
///
/// Control characters (C0, DEL, C1), line and paragraph separators, and the marks that change direction (UAX #9) become
/// `\n`, `\t`, `\u{…}`; a byte that is not UTF-8 becomes `\x…`.
package func shown(_ bytes: some Collection<UInt8>) -> String {
  if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return String(decoding: bytes, as: UTF8.self) }
  var text = ""
  var rest = Array(bytes)[...]
  while let first = rest.first {
    let width = max(1, (~first).leadingZeroBitCount)
    let sequence = rest.prefix(width)
    if let scalars = String(validating: sequence, as: UTF8.self)?.unicodeScalars, scalars.count == 1
    {
      for scalar in scalars { text += shown(scalar) }
      rest = rest.dropFirst(width)
    } else {
      text += "\\x" + hexadecimal(UInt32(first), digits: 2)
      rest = rest.dropFirst()
    }
  }
  return text
}

/// The same of a text.
package func shown(_ text: String) -> String { shown(Array(text.utf8)) }

private func shown(_ scalar: Unicode.Scalar) -> String {
  switch scalar.value {
  case 0x0a: "\\n"
  case 0x0d: "\\r"
  case 0x09: "\\t"
  case 0..<0x20, 0x7f..<0xa0, 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff:
    "\\u{" + hexadecimal(scalar.value, digits: 1) + "}"
  default: String(scalar)
  }
}

private func hexadecimal(_ number: UInt32, digits: Int) -> String {
  let text = String(number, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
