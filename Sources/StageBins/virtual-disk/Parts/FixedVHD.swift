internal import Files
internal import Glibc
internal import Model
internal import StageKit

/// A fixed VHD: the disk itself and a footer of 512 bytes ("Virtual Hard Disk Image Format
/// Specification", Microsoft, 2006).
struct FixedVHD {
  /// Azure takes whole MiB only.
  private let size: Int
  private let id: String
  private let epoch: Timestamp

  init(size: Int, id: String, epoch: Timestamp) {
    self.size = (size + (1 << 20) - 1) / (1 << 20) * (1 << 20)
    self.id = id
    self.epoch = epoch
  }

  func write(_ disk: String, to path: String) throws(Failure) {
    let source = try FileDescriptor.open(disk, O_RDONLY)
    let file = try FileDescriptor.open(path, O_WRONLY)
    do {
      try file.clone(source)
      try file.write(footer, at: size)
    } catch { throw Failure("write", path, cause: error.cause, code: error.code) }
  }

  private var footer: [UInt8] {
    var footer = Record(size: 512)
    footer.put("conectix", at: 0)
    footer.put(big: UInt32(2), at: 8)
    footer.put(big: UInt32(0x10000), at: 12)
    footer.put(big: UInt64.max, at: 16)
    footer.put(big: UInt32(clamping: epoch.seconds - Self.year2000), at: 24)
    // QEMU's mark: who knows it takes the size below, and not the rounded one of the geometry.
    footer.put("qem2", at: 28)
    footer.put(big: UInt32(0x50003), at: 32)
    footer.put("Wi2k", at: 36)
    footer.put(big: UInt64(size), at: 40)
    footer.put(big: UInt64(size), at: 48)
    let geometry = geometry
    footer.put(big: UInt16(geometry.cylinders), at: 56)
    footer.put([UInt8(geometry.heads), UInt8(geometry.sectors)], at: 58)
    footer.put(big: UInt32(2), at: 60)
    footer.put(uuidBytes(id), at: 68)
    footer.put(big: ~footer.bytes.reduce(UInt32(0)) { $0 + UInt32($1) }, at: 64)
    return footer.bytes
  }

  /// 2000-01-01T00:00:00Z, from where a VHD counts.
  private static let year2000 = 946_684_800

  /// As the specification's appendix "CHS Calculation" has it.
  private var geometry: (cylinders: Int, heads: Int, sectors: Int) {
    let total = min(size / 512, 65535 * 16 * 255)
    if total >= 65535 * 16 * 63 { return (total / 255 / 16, 16, 255) }
    var sectors = 17
    var rows = total / sectors
    var heads = max(4, (rows + 1023) / 1024)
    if rows >= heads * 1024 || heads > 16 {
      (sectors, heads) = (31, 16)
      rows = total / sectors
    }
    if rows >= heads * 1024 {
      (sectors, heads) = (63, 16)
      rows = total / sectors
    }
    return (rows / heads, heads, sectors)
  }
}
