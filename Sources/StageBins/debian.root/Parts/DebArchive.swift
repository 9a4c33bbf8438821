internal import Compression
internal import Files
internal import Model

/// A binary package of Debian (deb(5)): an ar archive of `debian-binary`, `control.tar…` and
/// `data.tar…`.
struct DebArchive {
  let name: String
  private let bytes: [UInt8]

  /// - Parameters:
  ///   - path: Where the file is.
  ///   - name: What it is called in a failure.
  /// - Throws: When the file cannot be read.
  init(path: String, name: String) throws(Failure) {
    self.name = name
    bytes = try Files.read(path)
  }

  /// The tar archive of the files it installs, not compressed.
  func data() throws(Failure) -> [UInt8] {
    let magic = Array("!<arch>\n".utf8)
    guard bytes.starts(with: magic) else { throw damaged("it is no Debian package") }
    var position = magic.count
    var isFirst = true
    while position < bytes.count {
      let member = try member(at: position)
      if isFirst {
        guard member.name == "debian-binary", member.content.starts(with: "2.".utf8) else {
          throw damaged("it is no Debian package of format 2")
        }
        isFirst = false
      }
      if member.name.hasPrefix("data.tar") {
        let suffix = String(member.name.dropFirst("data.tar".count))
        guard let compression = Compression(rawValue: suffix) else {
          throw damaged("its data is compressed in an unknown way: \(member.name)")
        }
        return try compression.decompress(member.content, name: "\(name) (\(member.name))")
      }
      // Members begin at even places.
      position = member.content.endIndex + member.content.count % 2
    }
    throw damaged("it has no data.tar")
  }

  private func member(at position: Int) throws(Failure) -> (
    name: String, content: ArraySlice<UInt8>
  ) {
    // An ar header: name (16 bytes), time, owner, group, mode, size (10 bytes from 48), end mark.
    let start = position + 60
    guard start <= bytes.count, bytes[position + 58] == 0x60, bytes[position + 59] == 0x0a else {
      throw damaged("the archive is damaged")
    }
    func text(_ range: Range<Int>) -> String {
      let field = bytes[position + range.lowerBound..<position + range.upperBound]
      return String(decoding: field.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
    }
    guard let size = Int(text(48..<58)), size >= 0, size <= bytes.count - start else {
      throw damaged("it is cut off")
    }
    let name = text(0..<16)
    return (name.hasSuffix("/") ? String(name.dropLast()) : name, bytes[start..<start + size])
  }

  private func damaged(_ cause: String) -> Failure {
    Failure("unpack", name, cause: cause, remedy: "remove it from the store and fetch it again")
  }
}
