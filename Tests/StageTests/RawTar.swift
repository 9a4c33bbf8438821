import Model
import Tar

/// Entries of a tar archive, with fields that no honest program writes.
enum RawTar {
  /// One header, then content.
  static func entry(
    _ name: String, kind: Character = "0", _ content: [UInt8] = [], link: String = "",
    fields: [Range<Int>: [UInt8]] = [:]
  ) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: TarField.block)
    func put(_ bytes: [UInt8], _ range: Range<Int>) {
      for (offset, byte) in bytes.prefix(range.count).enumerated() {
        header[range.lowerBound + offset] = byte
      }
    }
    put(Array(name.utf8), TarField.name)
    put(Array("0000644".utf8), TarField.mode)
    for field in [TarField.uid, TarField.gid] { put(Array("0000000".utf8), field) }
    put(octal(content.count), TarField.size)
    put(octal(1_000_000_000), TarField.mtime)
    header[TarField.kind] = kind.asciiValue ?? 0
    put(Array(link.utf8), TarField.link)
    put(Array("ustar".utf8) + [0, 0x30, 0x30], TarField.magic)
    for (range, bytes) in fields { put(bytes, range) }
    put([UInt8](repeating: 0x20, count: 8), TarField.checksum)
    let sum = header.reduce(0) { $0 + Int($1) }
    put(Array(octal(sum).suffix(6)) + [0, 0x20], TarField.checksum)
    return header + padded(content)
  }

  /// A header that says more of the next entry.
  static func pax(_ records: [UInt8], kind: Character = "x") -> [UInt8] {
    entry("PaxHeaders/x", kind: kind, records)
  }

  static func pax(_ records: [(ByteString, ByteString)]) -> [UInt8] {
    pax(records.flatMap { PaxRecords.record($0, $1.bytes) })
  }

  static let end = [UInt8](repeating: 0, count: 1024)

  /// A number in GNU's binary form, of twelve bytes.
  static func binary(_ number: Int) -> [UInt8] {
    let sign: UInt8 = number < 0 ? 0xff : 0
    let low = (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    return [number < 0 ? 0xff : 0x80, sign, sign, sign] + low
  }

  private static func octal(_ number: Int) -> [UInt8] {
    let digits = Array(String(number, radix: 8).utf8)
    return [UInt8](repeating: 0x30, count: 11 - digits.count) + digits
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
  }
}
