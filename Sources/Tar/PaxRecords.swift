internal import Model

/// The records of one pax extended header that mean something for a tree.
package struct PaxRecords {
  var path: [UInt8]?
  var link: [UInt8]?
  var size: Int?
  var uid: Int?
  var gid: Int?
  var mtime: Int?
  var xattrs: [TarEntry.Xattr] = []
  var sparse = PaxSparse()

  package static let xattrPrefix = "SCHILY.xattr."

  /// Adds the records of a header: `LENGTH KEY=VALUE\n`, where the length counts the whole record.
  mutating func read(_ content: ArraySlice<UInt8>, archive: String) throws(Failure) {
    var rest = content
    while !rest.isEmpty {
      guard let space = rest.firstIndex(of: UInt8(ascii: " ")),
        let length = Int(String(decoding: rest[..<space], as: UTF8.self)), length <= rest.count,
        rest.startIndex + length > space + 1,
        let equals = rest[space..<rest.startIndex + length].firstIndex(of: UInt8(ascii: "="))
      else {
        throw Failure("read", "the tar archive in \(archive)", cause: "a pax record is damaged")
      }
      let key = String(decoding: rest[(space + 1)..<equals], as: UTF8.self)
      take(key, Array(rest[(equals + 1)..<(rest.startIndex + length - 1)]))
      rest = rest.dropFirst(length)
    }
  }

  private mutating func take(_ key: String, _ value: [UInt8]) {
    switch key {
    case "path": path = value
    case "linkpath": link = value
    case "size": size = Self.number(value)
    case "uid": uid = Self.number(value)
    case "gid": gid = Self.number(value)
    case "mtime": mtime = Self.seconds(value)
    case _ where key.hasPrefix(Self.xattrPrefix):
      let name = String(key.dropFirst(Self.xattrPrefix.count))
      xattrs.append(TarEntry.Xattr(name: name, value: value))
    case _ where key.hasPrefix(PaxSparse.prefix):
      sparse.take(String(key.dropFirst(PaxSparse.prefix.count)), value)
    default: break
    }
  }

  static func number(_ value: [UInt8]) -> Int? { Int(String(decoding: value, as: UTF8.self)) }

  /// A time with a fraction, down to whole seconds.
  private static func seconds(_ value: [UInt8]) -> Int? {
    let parts = String(decoding: value, as: UTF8.self).split(separator: ".", maxSplits: 1)
    guard let first = parts.first, let whole = Int(first) else { return nil }
    let hasFraction = parts.count > 1 && parts[1].contains { $0 != "0" }
    return first.hasPrefix("-") && hasFraction ? whole - 1 : whole
  }

  /// One record as it stands in a header.
  package static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
    let rest = [UInt8(ascii: " ")] + Array(key.utf8) + [UInt8(ascii: "=")] + value + [0x0a]
    var length = rest.count + 1
    // The length counts its own digits.
    while "\(length)".utf8.count + rest.count != length {
      length = "\(length)".utf8.count + rest.count
    }
    return Array("\(length)".utf8) + rest
  }
}
