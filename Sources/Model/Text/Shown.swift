/// Bytes from elsewhere as a text for people: one line, in which nothing moves a terminal's cursor, changes its state,
/// or turns the order of letters around.
///
/// Control characters (C0, DEL, C1), line and paragraph separators, the marks that change direction (UAX #9), and what
/// has no width (but the joiners that scripts and emoji need) become `\n`, `\t`, `\u{…}`; a byte that is not UTF-8 becomes
/// `\x…`.
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

extension String {
  /// As much of it as fits: a character may have any number of marks, so what counts is scalars.
  package func cut(to width: Int) -> String {
    let scalars = unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: width, limitedBy: scalars.endIndex),
      end < scalars.endIndex
    else { return self }
    return String(scalars[..<scalars.index(before: end)]) + "…"
  }
}

extension ByteString {
  /// As it is shown to people, but not longer than a line or two.
  package var brief: String {
    bytes.count <= 160 ? shown : Model.shown(bytes.prefix(120)) + "… (\(bytes.count) bytes)"
  }
}

/// Several lines from elsewhere for people: what parts them stays, everything else is as `shown` has it.
///
/// - Parameters:
///   - text: The lines.
///   - isIndenting: Whether lines after the first are indented where they are not, so that none of them can pass for
///     one of ours.
/// - Returns: The lines.
package func shownLines(_ text: String, indented isIndenting: Bool = false) -> String {
  let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  return lines.enumerated().map { index, line -> String in
    let line = shown(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
    let isOurs = !isIndenting || index == 0 || line.isEmpty || line.begins(with: " ")
    return isOurs ? line : "  " + line
  }.joined(separator: "\n")
}

private func shown(_ scalar: Unicode.Scalar) -> String {
  switch scalar {
  case "\n": "\\n"
  case "\r": "\\r"
  case "\t": "\\t"
  case _ where scalar.isHidden: "\\u{" + hexadecimal(scalar.value, digits: 1) + "}"
  default: String(scalar)
  }
}

extension Unicode.Scalar {
  /// Whether it acts on a terminal, or cannot be seen.
  var isHidden: Bool {
    switch value {
    case 0..<0x20, 0x7f..<0xa0, 0xad, 0x061c, 0x180e, 0x200b, 0x200e, 0x200f, 0x2028...0x202e,
      0x2060...0x206f, 0xfeff, 0xfff9...0xfffb, 0xe0000...0xe007f:
      true
    default: false
    }
  }
}

private func hexadecimal(_ number: UInt32, digits: Int) -> String {
  let text = String(number, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
