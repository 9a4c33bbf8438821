internal import Model

/// The records of one pax extended header that mean something for a tree.
struct PaxRecords {
  var path: [UInt8]?
  var link: [UInt8]?
  var size: Int?
  var uid: Int?
  var gid: Int?
  var mtime: Int?
  var xattrs: [TarEntry.Xattr] = []

  static let xattrPrefix = "SCHILY.xattr."

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
    var number: Int? {
      Int(String(decoding: value.prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self))
    }
    switch key {
    case "path": path = value
    case "linkpath": link = value
    case "size": size = number
    case "uid": uid = number
    case "gid": gid = number
    case "mtime": mtime = number
    case _ where key.hasPrefix(Self.xattrPrefix):
      let name = String(key.dropFirst(Self.xattrPrefix.count))
      xattrs.append(TarEntry.Xattr(name: name, value: value))
    default: break
    }
  }

  /// One record as it stands in a header.
  static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
    let rest = [UInt8(ascii: " ")] + Array(key.utf8) + [UInt8(ascii: "=")] + value + [0x0a]
    var length = rest.count + 1
    // The length counts its own digits.
    while "\(length)".utf8.count + rest.count != length {
      length = "\(length)".utf8.count + rest.count
    }
    return Array("\(length)".utf8) + rest
  }
}
