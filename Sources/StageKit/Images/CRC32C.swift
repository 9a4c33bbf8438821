/// The CRC that VHDX and Btrfs have: Castagnoli's polynomial (RFC 3720, section 12.1).
package enum CRC32C {
  private static let table = (0..<256).map { byte -> UInt32 in
    (0..<8).reduce(UInt32(byte)) { sum, _ in (sum >> 1) ^ (sum & 1 == 1 ? 0x82f6_3b78 : 0) }
  }

  package static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 0xff)] ^ ($0 >> 8) }
  }
}
