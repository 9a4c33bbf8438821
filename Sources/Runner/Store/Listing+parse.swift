internal import Files
internal import Model

extension Listing {
  /// Reads what `text` writes; nil for anything else.
  package init?(text: String) {
    var lines = text.utf8.split(separator: UInt8(ascii: "\n"))[...]
    guard let head = lines.popFirst(), Substring(head) == "particle listing 1" else { return nil }
    entries = []
    entries.reserveCapacity(lines.count)
    for line in lines {
      guard let entry = Entry(line: Substring(line)) else { return nil }
      entries.append(entry)
    }
  }
}

extension Listing.Entry {
  fileprivate init?(line: Substring) {
    var fields = line.split(separator: " ", omittingEmptySubsequences: false)[...]
    guard let letter = fields.popFirst() else { return nil }
    if letter == "w" || letter == "h" {
      guard fields.count == (letter == "w" ? 1 : 2), let name = fields.popLast() else { return nil }
      self.init(
        path: unescaped(name), kind: fields.first.map { .hardLink(to: unescaped($0)) } ?? .whiteout,
        mode: 0, owner: 0, group: 0, modified: Listing.Moment(seconds: 0, nanoseconds: 0),
        attributes: [])
      return
    }
    guard fields.count >= 5, let mode = fields.popFirst().flatMap({ FileMode(String($0)) }),
      let owner = fields.popFirst().flatMap({ UInt32($0) }),
      let group = fields.popFirst().flatMap({ UInt32($0) }),
      let modified = fields.popFirst().flatMap(Listing.Moment.init(field:)),
      let kind = Listing.Kind(letter: letter, fields: &fields), let name = fields.popFirst()
    else { return nil }
    var attributes: [ExtendedAttribute] = []
    for field in fields {
      guard let attribute = ExtendedAttribute(field: field) else { return nil }
      attributes.append(attribute)
    }
    self.init(
      path: unescaped(name), kind: kind, mode: mode.bits, owner: owner, group: group,
      modified: modified, attributes: attributes)
  }
}

extension Listing.Moment {
  fileprivate init?(field: Substring) {
    let parts = field.split(separator: ".")
    guard parts.count <= 2, let seconds = parts.first.flatMap({ Int($0) }) else { return nil }
    guard let nanoseconds = parts.count == 2 ? Int(parts[1]) : 0 else { return nil }
    self.init(seconds: seconds, nanoseconds: nanoseconds)
  }
}

extension Listing.Kind {
  /// Takes from the fields what is this kind's own.
  fileprivate init?(letter: Substring, fields: inout ArraySlice<Substring>) {
    switch letter {
    case "p": self = .pipe
    case "s": self = .socket
    case "d":
      guard let field = fields.popFirst() else { return nil }
      self = .folder(opaque: field == "opaque")
    case "l":
      guard let field = fields.popFirst() else { return nil }
      self = .link(target: unescaped(field))
    case "f":
      guard let size = fields.popFirst().flatMap({ Int($0) }),
        let digest = fields.popFirst().flatMap({ Digest(hex: $0) })
      else { return nil }
      self = .file(size: size, digest: digest)
    case "b", "c":
      let numbers = fields.popFirst()?.split(separator: ":").compactMap { UInt32($0) } ?? []
      guard numbers.count == 2 else { return nil }
      self = .device(isBlock: letter == "b", major: numbers[0], minor: numbers[1])
    default: return nil
    }
  }
}

extension ExtendedAttribute {
  fileprivate init?(field: Substring) {
    // A value has no `=`, a name may.
    guard let sign = field.lastIndex(of: "=") else { return nil }
    let digits = Array(field[field.index(after: sign)...].utf8)
    var value: [UInt8] = []
    for index in stride(from: 0, to: digits.count - 1, by: 2) {
      let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
      guard let byte = UInt8(pair, radix: 16) else { return nil }
      value.append(byte)
    }
    self.init(name: unescaped(field[..<sign]), value: value)
  }
}

/// Turns `\` and three octal digits back into the byte.
private func unescaped(_ text: Substring) -> String {
  guard text.utf8.contains(UInt8(ascii: "\\")) else { return String(text) }
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    let digits = String(decoding: rest.prefix(3), as: UTF8.self)
    if byte == UInt8(ascii: "\\"), let code = UInt8(digits, radix: 8) {
      bytes.append(code)
      rest = rest.dropFirst(3)
    } else {
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
