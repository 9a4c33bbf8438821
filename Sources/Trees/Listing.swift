package import Files
internal import Hashing
package import Model

/// Everything that one stage changed in a tree, in canonical form: the hash of its text is the
/// digest of the layer.
package struct Listing: Sendable, Equatable {
  /// Sorted by the bytes of their paths.
  package var entries: [Entry]

  package init(_ entries: [Entry]) {
    self.entries = entries.sorted { $0.path < $1.path }
  }

  /// One changed file.
  package struct Entry: Sendable, Equatable {
    /// Relative to the tree's root, which itself is ".".
    package var path: ByteString
    package var kind: Kind
    /// The permission bits.
    package var mode: UInt32
    package var owner: UInt32
    package var group: UInt32
    package var modified: Moment
    package var attributes: [ExtendedAttribute]

    package init(
      path: ByteString, kind: Kind, mode: UInt32, owner: UInt32, group: UInt32, modified: Moment,
      attributes: [ExtendedAttribute]
    ) {
      self.path = path
      self.kind = kind
      self.mode = mode
      self.owner = owner
      self.group = group
      self.modified = modified
      self.attributes = attributes
    }
  }

  package enum Kind: Sendable, Equatable {
    /// An opaque folder hides what layers beneath have in it.
    case folder(opaque: Bool)
    case file(size: Int, digest: Digest)
    case link(target: ByteString)
    /// Another name of the file with the first name in order.
    case hardLink(to: ByteString)
    /// Hides what a layer beneath has here.
    case whiteout
    case device(isBlock: Bool, major: UInt32, minor: UInt32)
    case pipe
    case socket
  }

  /// A time as file systems have it.
  package struct Moment: Sendable, Equatable, Comparable {
    package var seconds: Int
    package var nanoseconds: Int

    package init(seconds: Int, nanoseconds: Int) {
      self.seconds = seconds
      self.nanoseconds = nanoseconds
    }

    package static func < (a: Moment, b: Moment) -> Bool {
      (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds)
    }
  }

  /// One line per entry: a letter for what it is (d, f, l, h, w, b, c, p, s), then with one space
  /// between: for all but h and w the mode, owner, group and time; what the kind has of its own;
  /// the path; the extended attributes as name=value in hexadecimal digits.
  ///
  /// White space, `\`, control characters and bytes that are not UTF-8 are written, in names, as `\` and three octal
  /// digits: so the text is UTF-8, and two different names are never written alike.
  package var text: String {
    var lines = Self.firstLine
    for entry in entries { lines += entry.line + "\n" }
    return lines
  }

  static let firstLine = "particle listing 1\n"

  package var digest: Digest { SHA256.digest(Array(text.utf8)) }

  /// Where a listing's text has the lines of a path, each with its end; found without reading the
  /// rest into values.
  package static func lines(of path: ByteString, in text: [UInt8]) -> [Range<Int>] {
    let name = Array(escaped(path).utf8)
    let newline = UInt8(ascii: "\n")
    return text.places(of: name).compactMap { place in
      let start = text[..<place].lastIndex(of: newline).map { $0 + 1 } ?? 0
      let end = text[place...].firstIndex(of: newline) ?? text.endIndex
      let fields = text[start..<end].split(separator: UInt8(ascii: " "))
      guard let letter = fields.first?.first, let index = nameIndex[letter], fields.count > index,
        fields[index].elementsEqual(name)
      else { return nil }
      return start..<min(end + 1, text.endIndex)
    }
  }

  /// The same without the line that says what is in a file which has further names: these are still seen when this
  /// name is not.
  package static func ownLines(of path: ByteString, in text: [UInt8]) -> [Range<Int>] {
    let further = Array("\nh \(escaped(path)) ".utf8)
    return lines(of: path, in: text).filter { line in
      text[line.lowerBound] == UInt8(ascii: "h") || text.places(of: further).isEmpty
    }
  }

  /// Which field of a line has the path, by the line's letter.
  private static let nameIndex: [UInt8: Int] = [
    UInt8(ascii: "d"): 6, UInt8(ascii: "f"): 7, UInt8(ascii: "l"): 6, UInt8(ascii: "h"): 2,
    UInt8(ascii: "w"): 1, UInt8(ascii: "b"): 6, UInt8(ascii: "c"): 6, UInt8(ascii: "p"): 5,
    UInt8(ascii: "s"): 5,
  ]

  /// How many files a listing's text has, and how many bytes are in them; found without reading it
  /// into values.
  package static func size(of text: [UInt8]) -> (files: Int, bytes: Int) {
    var size = (files: 0, bytes: 0)
    for line in text.split(separator: UInt8(ascii: "\n")).dropFirst() {
      size.files += 1
      guard line.first == UInt8(ascii: "f") else { continue }
      let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 6)
      guard fields.count > 5 else { continue }
      // A sum that no number holds is as good as the greatest.
      let (sum, isTooMuch) = size.bytes.addingReportingOverflow(Int(ascii: fields[5]) ?? 0)
      size.bytes = isTooMuch ? Int.max : sum
    }
    return size
  }

  /// The size and digest of a file, read from a listing's text; nil where it has no such file.
  package static func file(_ path: ByteString, in text: [UInt8]) -> (size: Int, digest: Digest)? {
    for range in lines(of: path, in: text) {
      let line = text[range].prefix { $0 != UInt8(ascii: "\n") }
      switch Entry(line: line)?.kind {
      case .file(let size, let digest)?: return (size, digest)
      // What is said of a file stands with its first name, which is no further one itself.
      case .hardLink(let first)? where first < path: return file(first, in: text)
      default: continue
      }
    }
    return nil
  }
}

extension Listing.Entry {
  /// Without its end.
  var line: String {
    let name = escaped(path)
    func full(_ letter: String, _ own: String...) -> String {
      var time = String(modified.seconds)
      if modified.nanoseconds != 0 { time += ".\(modified.nanoseconds)" }
      let mode = FileMode(bits: mode).description
      let fields = [letter, mode, String(owner), String(group), time] + own + [name]
      return (fields + attributes.map(\.field)).joined(separator: " ")
    }
    switch kind {
    case .folder(let opaque): return full("d", opaque ? "opaque" : "-")
    case .file(let size, let digest): return full("f", String(size), digest.hex)
    case .link(let target): return full("l", escaped(target))
    case .hardLink(let target): return "h \(escaped(target)) \(name)"
    case .whiteout: return "w \(name)"
    case .device(let isBlock, let major, let minor):
      return full(isBlock ? "b" : "c", "\(major):\(minor)")
    case .pipe: return full("p")
    case .socket: return full("s")
    }
  }
}

extension ExtendedAttribute {
  fileprivate var field: String {
    let digits = Array("0123456789abcdef".utf8)
    let hex = value.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return escaped(name) + "=" + String(decoding: hex, as: UTF8.self)
  }
}

private func escaped(_ name: ByteString) -> String {
  func isPlain(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte != 0x7f && byte != UInt8(ascii: "\\")
  }
  if name.bytes.allSatisfy(isPlain), let text = name.text { return text }
  var bytes: [UInt8] = []
  func escape(_ byte: UInt8) {
    let digits = String(byte, radix: 8)
    bytes += Array(("\\" + String(repeating: "0", count: 3 - digits.count) + digits).utf8)
  }
  var rest = name.bytes[...]
  while let first = rest.first {
    let width = max(1, (~first).leadingZeroBitCount)
    let character = rest.prefix(width)
    if first < 0x80 {
      if isPlain(first) { bytes.append(first) } else { escape(first) }
    } else if character.count == width, String(validating: character, as: UTF8.self) != nil {
      bytes += character
    } else {
      escape(first)
      rest = rest.dropFirst()
      continue
    }
    rest = rest.dropFirst(width)
  }
  return String(decoding: bytes, as: UTF8.self)
}

extension [UInt8] {
  /// Where these bytes begin, wherever they stand in it.
  fileprivate func places(of wanted: [UInt8]) -> [Int] {
    guard let first = wanted.first, count >= wanted.count else { return [] }
    return withUnsafeBufferPointer { bytes in
      var places: [Int] = []
      var start = 0
      let end = bytes.count - wanted.count
      while start <= end {
        if bytes[start] == first, bytes[start..<start + wanted.count].elementsEqual(wanted) {
          places.append(start)
        }
        start += 1
      }
      return places
    }
  }
}
