internal import Hashing
internal import Model

/// The ids of an image's parts: the same whenever the recipe's and the image's names are.
struct Identifiers {
  var recipe: String
  var image: String

  /// A UUID of version 8 (RFC 9562, section 5.8: "vendor-specific"), made of the first 16 bytes of
  /// the SHA-256 over the recipe's name, the image's name and the part, joined by NUL.
  func uuid(_ part: String) -> String {
    var digits = Array(hex(part).prefix(32))
    digits[12] = "8"
    // The variant of RFC 9562, section 4.1: the two highest bits are 1 and 0.
    let variant = digits[16].hexDigitValue ?? 0
    digits[16] = Character(String(8 | variant & 3, radix: 16))
    let groups = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
    return groups.map { String($0) }.joined(separator: "-")
  }

  /// A FAT volume serial number, as `1234-ABCD`.
  func fatSerial(_ part: String) -> String {
    let digits = hex(part).uppercased()
    return "\(digits.prefix(4))-\(digits.dropFirst(4).prefix(4))"
  }

  /// The signature of an MBR: eight hexadecimal digits, not all of them zero.
  func signature(_ part: String) -> String { "1" + hex(part).prefix(7) }

  /// The salt of a hash tree: 32 bytes as hexadecimal digits, as veritysetup(8) makes it.
  func salt(_ part: String) -> String { hex(part) }

  private func hex(_ part: String) -> String {
    SHA256.digest(Array([recipe, image, part].joined(separator: "\0").utf8)).hex
  }
}
