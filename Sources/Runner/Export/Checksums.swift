internal import Files
internal import Glibc
internal import Model

/// The lines of a `SHA256SUMS`, as sha256sum(1) writes and reads them.
struct Checksums {
  /// The lines, by the names of their files.
  private var lines: [ByteString: [UInt8]] = [:]

  init() {}

  /// Nil for a text that sha256sum(1) did not write.
  init?(_ text: [UInt8]) {
    for line in text.split(separator: UInt8(ascii: "\n")) {
      // A backslash in front says that the name has some, too.
      let isEscaped = line.first == UInt8(ascii: "\\")
      let fields = isEscaped ? line.dropFirst() : line
      guard Digest(hex: String(decoding: fields.prefix(64), as: UTF8.self)) != nil else {
        return nil
      }
      let rest = fields.dropFirst(64)
      guard rest.count > 2, rest.starts(with: "  ".utf8) || rest.starts(with: " *".utf8) else {
        return nil
      }
      let name = Array(rest.dropFirst(2))
      lines[ByteString(isEscaped ? Self.plain(name) : name)] = Array(line)
    }
  }

  private static func plain(_ name: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    var isEscape = false
    for byte in name {
      if isEscape {
        switch byte {
        case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "r"): bytes.append(UInt8(ascii: "\r"))
        default: bytes.append(byte)
        }
        isEscape = false
      } else if byte == UInt8(ascii: "\\") {
        isEscape = true
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }

  var count: Int { lines.count }

  func lists(_ name: String) -> Bool { lines[ByteString(name)] != nil }

  /// Says what digest a file has now.
  mutating func set(_ name: String, _ digest: Digest) {
    let name = ByteString(name)
    lines[name] = Array("\(digest.hex)  ".utf8) + name.bytes
  }

  /// Forgets the files that are not in a directory any more.
  mutating func keepFiles(in directory: String) {
    lines = lines.filter { name, _ in
      name.text.map { Files.exists("\(directory)/\($0)") } ?? true
    }
  }

  /// Sorted by the bytes of the names.
  var text: [UInt8] {
    lines.sorted { $0.key < $1.key }.flatMap { $0.value + [UInt8(ascii: "\n")] }
  }
}
