internal import StageKit

/// The structures of a dynamic VDI, version 1.1 (VirtualBox's VDICore.h).
struct VDI: SparseImage {
  private static let block = 1 << 20
  private static let free = UInt32.max

  private let size: Int
  private let id: String
  private let revision: String
  private var map: [UInt32]
  private var used = 0

  init(size: Int, id: String, revision: String) {
    self.size = size
    self.id = id
    self.revision = revision
    map = [UInt32](repeating: Self.free, count: (size + Self.block - 1) / Self.block)
  }

  mutating func place(_ block: Int) -> Int {
    let (index, part) = (block * RawDisk.block).quotientAndRemainder(dividingBy: Self.block)
    if map[index] == Self.free {
      map[index] = UInt32(used)
      used += 1
    }
    return start + Int(map[index]) * Self.block + part
  }

  private let mapPlace = 512
  /// Where the blocks begin, aligned as VirtualBox does it.
  private var start: Int { (mapPlace + map.count * 4 + Self.block - 1) / Self.block * Self.block }

  var length: Int { start + used * Self.block }

  func structures() -> [(place: Int, bytes: [UInt8])] {
    var header = Record(size: 512)
    header.put("<<< Virtual Disk Image >>>\n", at: 0)
    header.put(little: UInt32(0xbeda_107f), at: 64)
    header.put(little: UInt32(0x1_0001), at: 68)
    header.put(little: UInt32(400), at: 72)
    header.put(little: UInt32(1), at: 76)
    header.put(little: UInt32(mapPlace), at: 340)
    header.put(little: UInt32(start), at: 344)
    header.put(little: UInt32(512), at: 360)
    header.put(little: UInt64(size), at: 368)
    header.put(little: UInt32(Self.block), at: 376)
    header.put(little: UInt32(map.count), at: 384)
    header.put(little: UInt32(used), at: 388)
    header.put(guidBytes(id), at: 392)
    header.put(guidBytes(revision), at: 408)
    var table = Record(size: map.count * 4)
    for (index, entry) in map.enumerated() { table.put(little: entry, at: index * 4) }
    return [(0, header.bytes), (mapPlace, table.bytes)]
  }
}
