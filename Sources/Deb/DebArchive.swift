internal import Compression
internal import Files
package import Model

/// A binary package of Debian (deb(5)): an ar archive of `debian-binary`, `control.tar…` and
/// `data.tar…`.
package struct DebArchive: Sendable {
  package let name: String
  private let bytes: [UInt8]

  private static let magic = Array("!<arch>\n".utf8)
  static let dataName: ByteString = "data.tar"

  /// - Parameters:
  ///   - path: Where the file is.
  ///   - name: What it is called in a failure.
  /// - Throws: When it is not a file that can be read, or larger than any package.
  package init(path: String, name: String) throws(Failure) {
    self.init(try Files.read(path, limit: Limits.package), name: name)
  }

  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: What it is called in a failure.
  package init(_ bytes: [UInt8], name: String) {
    self.name = name
    self.bytes = bytes
  }

  /// The same package with its files not compressed, as dpkg reads it, too.
  ///
  /// - Throws: When the package is damaged, or compressed in a way that Debian does not use.
  package func expanded() throws(Failure) -> ExpandedDeb {
    var result = ExpandedDeb(head: Self.magic)
    for member in try members() {
      guard member.name.hasPrefix(Self.dataName) else {
        result.append(member.name, Array(member.content))
        continue
      }
      result.append(data: try decompressed(member), named: Self.dataName)
      return result
    }
    throw damaged("it contains no data.tar")
  }

  struct Member {
    var name: ByteString
    var content: ArraySlice<UInt8>
  }

  private func decompressed(_ member: Member) throws(Failure) -> [UInt8] {
    try compression(of: member, after: Self.dataName).decompress(
      member.content, name: "\(name) (\(member.name))")
  }

  /// How a member is compressed, by what follows `stem` in its name.
  func compression(of member: Member, after stem: ByteString) throws(Failure) -> Compression {
    let suffix = ByteString(member.name.bytes.dropFirst(stem.bytes.count))
    guard let compression = suffix.text.flatMap(Compression.init(rawValue:)) else {
      throw damaged("its data has an unknown compression: \(member.name)")
    }
    return compression
  }

  func members() throws(Failure) -> [Member] {
    guard bytes.starts(with: Self.magic) else { throw damaged("it is not a Debian package") }
    var members: [Member] = []
    var position = Self.magic.count
    while position < bytes.count {
      let member = try member(at: position)
      members.append(member)
      // Members begin at even places.
      position = member.content.endIndex + member.content.count % 2
    }
    guard let first = members.first, first.name == "debian-binary",
      first.content.starts(with: "2.".utf8)
    else { throw damaged("it is not a Debian package of format 2") }
    return members
  }

  private func member(at position: Int) throws(Failure) -> Member {
    // An ar header: name (16 bytes), time, owner, group, mode, size (10 bytes from 48), end mark.
    let start = position + 60
    guard start <= bytes.count, bytes[position + 58] == 0x60, bytes[position + 59] == 0x0a else {
      throw damaged("the archive is damaged")
    }
    func field(_ range: Range<Int>) -> ArraySlice<UInt8> {
      bytes[position + range.lowerBound..<position + range.upperBound].prefix {
        $0 != UInt8(ascii: " ")
      }
    }
    guard let size = number(field(48..<58)), size <= bytes.count - start else {
      throw damaged("it is truncated")
    }
    let name = ByteString(field(0..<16))
    return Member(
      name: name.hasSuffix("/") ? ByteString(name.bytes.dropLast()) : name,
      content: bytes[start..<start + size])
  }

  func damaged(_ cause: String) -> Failure {
    Failure("unpack", name, cause: cause, remedy: "remove it from the store and fetch it again")
  }
}
