package import Model

/// The records of one entry's pax extended headers that mean something for a tree.
package struct PaxRecords {
  var path: ByteString?
  var link: ByteString?
  var size: Int?
  var uid: Int?
  var gid: Int?
  var mtime: Int?
  var xattrs: [TarEntry.Xattr] = []
  var sparse = PaxSparse()

  package static let xattrPrefix: ByteString = "SCHILY.xattr."

  /// Adds the records of a header: `LENGTH KEY=VALUE\n`, where the length counts the whole record.
  mutating func read(_ content: ArraySlice<UInt8>, archive: String) throws(Failure) {
    var rest = content
    func damaged(_ cause: String) -> Failure {
      Failure("read", "the tar archive in \(archive)", cause: cause)
    }
    while !rest.isEmpty {
      // More digits than any length has are not looked through.
      guard let space = rest.prefix(20).firstIndex(of: UInt8(ascii: " ")),
        let length = number(rest[..<space]), length <= rest.count
      else { throw damaged("a pax record is damaged") }
      let end = rest.startIndex + length - 1
      guard end > space, rest[end] == UInt8(ascii: "\n"),
        let equals = rest[(space + 1)..<end].firstIndex(of: UInt8(ascii: "="))
      else { throw damaged("a pax record is damaged") }
      let key = ByteString(rest[(space + 1)..<equals])
      let value = Array(rest[(equals + 1)..<end])
      guard !key.isEmpty, !key.bytes.contains(0) else { throw damaged("a pax record has no key") }
      guard try take(key, value) else {
        throw damaged(
          "the pax record '\(key.brief)' has the invalid value '\(ByteString(value).brief)'")
      }
      rest = rest.dropFirst(length)
    }
  }

  /// - Returns: Whether the value is one that the key may have.
  private mutating func take(_ key: ByteString, _ value: [UInt8]) throws(Failure) -> Bool {
    // An empty value takes back what was said before (POSIX.1-2017, pax, "pax Extended Header Keyword/Value Pairs").
    switch key {
    case "path": path = value.isEmpty ? nil : ByteString(value)
    case "linkpath": link = value.isEmpty ? nil : ByteString(value)
    case "size": return Self.take(&size, value) { number($0) }
    case "uid": return Self.take(&uid, value, Self.signed)
    case "gid": return Self.take(&gid, value, Self.signed)
    case "mtime": return Self.take(&mtime, value, Self.seconds)
    case _ where key.hasPrefix(Self.xattrPrefix):
      let name = ByteString(key.bytes.dropFirst(Self.xattrPrefix.bytes.count))
      guard !name.isEmpty else { return false }
      xattrs.append(TarEntry.Xattr(name: name, value: value))
    case _ where key.hasPrefix(PaxSparse.prefix):
      return sparse.take(ByteString(key.bytes.dropFirst(PaxSparse.prefix.bytes.count)), value)
    default: break
    }
    return true
  }

  private static func take(
    _ field: inout Int?, _ value: [UInt8], _ read: ([UInt8]) -> Int?
  ) -> Bool {
    field = value.isEmpty ? nil : read(value)
    return value.isEmpty || field != nil
  }

  private static func signed(_ value: [UInt8]) -> Int? {
    guard value.first == UInt8(ascii: "-") else { return number(value) }
    return number(value.dropFirst()).map { -$0 }
  }

  /// A time with a fraction, down to whole seconds.
  private static func seconds(_ value: [UInt8]) -> Int? {
    let parts = value.split(
      separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let whole = signed(Array(first)) else { return nil }
    let fraction = parts.count > 1 ? parts[1] : []
    guard fraction.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    let isBefore = first.first == UInt8(ascii: "-") && fraction.contains { $0 != 0x30 }
    return isBefore ? whole - 1 : whole
  }

  /// One record as it stands in a header.
  package static func record(_ key: ByteString, _ value: [UInt8]) -> [UInt8] {
    let rest = [UInt8(ascii: " ")] + key.bytes + [UInt8(ascii: "=")] + value + [0x0a]
    var length = rest.count + 1
    // The length counts its own digits.
    while "\(length)".utf8.count + rest.count != length {
      length = "\(length)".utf8.count + rest.count
    }
    return Array("\(length)".utf8) + rest
  }
}
