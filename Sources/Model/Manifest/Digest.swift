/// A SHA-256 digest.
///
/// Written `sha256:` and 64 lower-case hexadecimal digits.
package struct Digest: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The 64 hexadecimal digits.
  package let hex: String

  /// Nil unless `hex` is 64 lower-case hexadecimal digits.
  package init?(hex: some StringProtocol) {
    guard hex.utf8.count == 64,
      hex.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else { return nil }
    self.hex = String(hex)
  }

  /// Nil unless `text` is `sha256:` and 64 lower-case hexadecimal digits.
  package init?(_ text: some StringProtocol) {
    guard text.begins(with: "sha256:"), let hex = text.cut(at: ":")?.after else { return nil }
    self.init(hex: hex)
  }

  /// The 32 bytes of a digest, as a hash function gives them.
  package init(bytes: some Sequence<UInt8>) {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    precondition(text.count == 64, "a SHA-256 digest has 32 bytes")
    hex = String(decoding: text, as: UTF8.self)
  }

  package var description: String { "sha256:" + hex }

  package static func < (a: Digest, b: Digest) -> Bool { a.hex < b.hex }

  package static var schema: Schema<Digest> {
    Schema<String>.string.mapped(
      { text, node, problems in
        if let digest = Digest(text) { return digest }
        problems.report(
          "'\(text)' is not a valid digest", at: node.mark,
          remedy: "write sha256: and 64 lower-case hexadecimal digits")
        return nil
      }, { $0.description }
    ).describing([("pattern", .string("^sha256:[0-9a-f]{64}$"))])
  }
}
