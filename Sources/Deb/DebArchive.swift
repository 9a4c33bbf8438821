internal import Compression
package import Files
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
    let start = position + Self.headerSize
    guard start <= bytes.count, Self.isHeader(bytes[position..<start]) else {
      throw damaged("the archive is damaged")
    }
    guard let size = Self.size(bytes[position..<start]), size <= bytes.count - start else {
      throw damaged("it is truncated")
    }
    let name = Self.name(bytes[position..<start])
    return Member(
      name: name.hasSuffix("/") ? ByteString(name.bytes.dropLast()) : name,
      content: bytes[start..<start + size])
  }

  // A member's header in an ar archive (deb(5)): name (16 bytes), time, owner, group, mode, size (10 bytes from 48), end
  // mark.
  private static let headerSize = 60

  private static func field(_ range: Range<Int>, of header: ArraySlice<UInt8>) -> ArraySlice<UInt8>
  {
    header.dropFirst(range.lowerBound).prefix(range.count).prefix { $0 != UInt8(ascii: " ") }
  }

  private static func name(_ header: ArraySlice<UInt8>) -> ByteString {
    ByteString(field(0..<16, of: header))
  }

  private static func isHeader(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.count == headerSize && bytes.suffix(2).elementsEqual([0x60, 0x0a])
  }

  /// The size of the member that follows, or nil if the field is not a number.
  private static func size(_ header: ArraySlice<UInt8>) -> Int? {
    number(field(48..<58, of: header))
  }

  /// A package without its files: what is needed to know its control file.
  ///
  /// - Parameters:
  ///   - file: The whole package.
  ///   - name: What it is called in a failure.
  /// - Throws: When the package is damaged, and when its control archive is larger than `Limits.control`.
  package init(headOf file: borrowing FileDescriptor, name: String) throws(Failure) {
    func refusal(_ cause: String) -> Failure {
      Failure("read", name, cause: cause, remedy: "build the package again, or fetch it again")
    }
    let end = try file.size()
    var bytes = try file.read(Self.magic.count, at: 0)
    var position = bytes.count
    var known: [ByteString] = []
    // What it is that is wrong with a header, `members` says of those up to the control archive.
    while case let header = try file.read(Self.headerSize, at: position),
      Self.isHeader(header[...]), let size = Self.size(header[...])
    {
      let member = Self.name(header[...])
      let isHead = !known.contains { $0.hasPrefix("control.tar") || $0.hasPrefix(Self.dataName) }
      for stem in ["control.tar", Self.dataName] where member.hasPrefix(stem) {
        guard !known.contains(where: { $0.hasPrefix(stem) }) else {
          throw refusal("it has a second \(stem): \(member)")
        }
      }
      known.append(member)
      // Members begin at even places.
      let next = position + Self.headerSize + size + size % 2
      guard next - size % 2 <= end else { throw refusal("it is truncated") }
      if isHead, !member.hasPrefix(Self.dataName) {
        guard size <= Limits.control else {
          throw refusal("'\(member)' is larger than \(ByteSize(bytes: Limits.control)), the limit")
        }
        bytes += header + (try file.read(size + size % 2, at: position + Self.headerSize))
      }
      position = next
    }
    self.init(bytes, name: name)
  }

  func damaged(_ cause: String) -> Failure {
    Failure("unpack", name, cause: cause, remedy: "remove it from the store and fetch it again")
  }
}
