/// The bytes of a structure with its fields at fixed places, all of it zeros at first.
package struct Record {
  package private(set) var bytes: [UInt8]

  package init(size: Int) { bytes = [UInt8](repeating: 0, count: size) }

  package mutating func put(_ field: some Collection<UInt8>, at place: Int) {
    bytes.replaceSubrange(place..<place + field.count, with: field)
  }

  package mutating func put(_ text: String, at place: Int) { put(Array(text.utf8), at: place) }

  package mutating func put(big number: some FixedWidthInteger, at place: Int) {
    withUnsafeBytes(of: number.bigEndian) { put($0, at: place) }
  }

  package mutating func put(little number: some FixedWidthInteger, at place: Int) {
    withUnsafeBytes(of: number.littleEndian) { put($0, at: place) }
  }
}

/// The 16 bytes of a UUID in the order of its text (RFC 9562, section 4).
package func uuidBytes(_ text: String) -> [UInt8] {
  let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }.map { byte -> UInt8 in
    UInt8(String(UnicodeScalar(byte)), radix: 16) ?? 0
  }
  let pairs = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  return Array(pairs.prefix(16)) + [UInt8](repeating: 0, count: max(0, 16 - pairs.count))
}

/// The 16 bytes of a UUID as Microsoft's formats have a GUID: its first three groups with the lowest
/// byte first.
package func guidBytes(_ text: String) -> [UInt8] {
  let bytes = uuidBytes(text)
  return bytes[0..<4].reversed() + bytes[4..<6].reversed() + bytes[6..<8].reversed() + bytes[8...]
}
