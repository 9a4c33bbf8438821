internal import Files
internal import Model

private typealias Field = ArraySlice<UInt8>

extension Listing {
  /// Reads what `text` writes; nil for anything else, and for names that lead out of a tree.
  package init?(text: [UInt8]) {
    var lines = text.split(separator: UInt8(ascii: "\n"))[...]
    guard let head = lines.popFirst(), head.elementsEqual(Self.firstLine.utf8.dropLast()) else {
      return nil
    }
    entries = []
    entries.reserveCapacity(lines.count)
    for line in lines {
      guard let entry = Entry(line: line) else { return nil }
      entries.append(entry)
    }
  }

  package init?(text: String) { self.init(text: Array(text.utf8)) }
}

extension Listing.Entry {
  init?(line: ArraySlice<UInt8>) {
    let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    var fields = parts[...]
    guard let word = fields.popFirst(), word.count == 1, let letter = word.first else { return nil }
    if letter == UInt8(ascii: "w") || letter == UInt8(ascii: "h") {
      let isWhiteout = letter == UInt8(ascii: "w")
      guard fields.count == (isWhiteout ? 1 : 2), let name = fields.popLast(),
        let path = ByteString(path: name)
      else { return nil }
      var kind = Listing.Kind.whiteout
      if let field = fields.first {
        guard let first = ByteString(path: field) else { return nil }
        kind = .hardLink(to: first)
      }
      self.init(
        path: path, kind: kind, mode: 0, owner: 0, group: 0,
        modified: Listing.Moment(seconds: 0, nanoseconds: 0), attributes: [])
      return
    }
    guard fields.count >= 5, let mode = fields.popFirst().flatMap({ FileMode(text($0)) }),
      let owner = fields.popFirst().flatMap({ UInt32(ascii: $0) }),
      let group = fields.popFirst().flatMap({ UInt32(ascii: $0) }),
      let modified = fields.popFirst().flatMap({ Listing.Moment(field: $0) }),
      let kind = Listing.Kind(letter: letter, fields: &fields),
      let path = fields.popFirst().flatMap({ ByteString(path: $0) })
    else { return nil }
    var attributes: [ExtendedAttribute] = []
    for field in fields {
      guard let attribute = ExtendedAttribute(field: field) else { return nil }
      attributes.append(attribute)
    }
    self.init(
      path: path, kind: kind, mode: mode.bits, owner: owner, group: group, modified: modified,
      attributes: attributes)
  }
}

extension Listing.Moment {
  fileprivate init?(field: Field) {
    let parts = field.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count <= 2, let seconds = parts.first.flatMap({ Int(ascii: $0) }),
      let nanoseconds = parts.count == 2 ? Int(ascii: parts[1]) : 0
    else { return nil }
    self.init(seconds: seconds, nanoseconds: nanoseconds)
  }
}

extension Listing.Kind {
  /// Takes from the fields what is this kind's own.
  fileprivate init?(letter: UInt8, fields: inout ArraySlice<Field>) {
    switch letter {
    case UInt8(ascii: "p"): self = .pipe
    case UInt8(ascii: "s"): self = .socket
    case UInt8(ascii: "d"):
      guard let field = fields.popFirst() else { return nil }
      self = .folder(opaque: field.elementsEqual("opaque".utf8))
    case UInt8(ascii: "l"):
      guard let field = fields.popFirst() else { return nil }
      self = .link(target: ByteString(escaped: field))
    case UInt8(ascii: "f"):
      guard let size = fields.popFirst().flatMap({ Int(ascii: $0) }), size >= 0,
        let digest = fields.popFirst().flatMap({ Digest(hex: text($0)) })
      else { return nil }
      self = .file(size: size, digest: digest)
    case UInt8(ascii: "b"), UInt8(ascii: "c"):
      let numbers =
        fields.popFirst()?.split(separator: UInt8(ascii: ":")).compactMap { UInt32(ascii: $0) }
        ?? []
      guard numbers.count == 2 else { return nil }
      self = .device(isBlock: letter == UInt8(ascii: "b"), major: numbers[0], minor: numbers[1])
    default: return nil
    }
  }
}

extension ExtendedAttribute {
  fileprivate init?(field: Field) {
    // A value has no `=`, a name may.
    guard let sign = field.lastIndex(of: UInt8(ascii: "=")) else { return nil }
    let digits = Array(field[(sign + 1)...])
    guard digits.count.isMultiple(of: 2) else { return nil }
    var value: [UInt8] = []
    value.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(text(digits[index...index + 1]), radix: 16) else { return nil }
      value.append(byte)
    }
    self.init(name: ByteString(escaped: field[..<sign]), value: value)
  }
}

extension ByteString {
  /// Turns `\` and three octal digits back into the byte.
  fileprivate init(escaped text: Field) {
    guard text.contains(UInt8(ascii: "\\")) else {
      self.init(text)
      return
    }
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.count >= 3,
        let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
      {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    self.init(bytes)
  }

  /// The same for a path within a tree; nil for what is none.
  fileprivate init?(path text: Field) {
    self.init(escaped: text)
    if self == "." { return }
    let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let areNames = parts.allSatisfy { name in
      !name.isEmpty && !name.elementsEqual(".".utf8) && !name.elementsEqual("..".utf8)
        && !name.contains(0)
    }
    if !areNames { return nil }
  }
}

extension FixedWidthInteger {
  /// Reads decimal digits; nil for anything else.
  init?(ascii digits: ArraySlice<UInt8>) { self.init(text(digits)) }
}

private func text(_ field: ArraySlice<UInt8>) -> String {
  String(decoding: field, as: UTF8.self)
}
