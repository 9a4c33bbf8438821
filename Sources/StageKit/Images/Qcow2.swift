internal import Model

/// The structures of a qcow2 image (QEMU's docs/interop/qcow2.txt, version 3), which has no
/// identifiers and no times.
package struct Qcow2: SparseImage {
  private static let cluster = RawDisk.block
  private static let entries = cluster / 8
  /// The cluster has one owner, so that it can be written to in place.
  private static let copied: UInt64 = 1 << 63

  private let size: Int
  private var tables: [Int: (cluster: Int, entries: [UInt64])] = [:]
  /// Clusters in use, of the image itself.
  private var used: Int
  private let firstTable = 1
  /// Whether the data is in another file, at the very places where it is on the disk.
  private let isMap: Bool

  /// - Parameters:
  ///   - size: Of the disk, in bytes.
  ///   - isMap: Whether the data is in another file, a raw image of the disk.
  package init(size: Int, isMap: Bool = false) {
    self.size = size
    self.isMap = isMap
    let bytes = (size + Self.cluster * Self.entries - 1) / (Self.cluster * Self.entries) * 8
    used = 1 + (bytes + Self.cluster - 1) / Self.cluster
  }

  package mutating func place(_ block: Int) -> Int {
    let (table, entry) = block.quotientAndRemainder(dividingBy: Self.entries)
    if tables[table] == nil {
      tables[table] = (take(), [UInt64](repeating: 0, count: Self.entries))
    }
    let place = (isMap ? block : take()) * Self.cluster
    tables[table]?.entries[entry] = UInt64(place) | Self.copied
    return place
  }

  private mutating func take() -> Int {
    used += 1
    return used - 1
  }

  package func structures() -> [(place: Int, bytes: [UInt8])] {
    let count = (size + Self.cluster * Self.entries - 1) / (Self.cluster * Self.entries)
    var first = Record(size: max(8, count * 8))
    var all: [(place: Int, bytes: [UInt8])] = []
    for (index, table) in tables.sorted(by: { $0.key < $1.key }) {
      let place = table.cluster * Self.cluster
      first.put(big: UInt64(place) | Self.copied, at: index * 8)
      var record = Record(size: Self.cluster)
      for (entry, value) in table.entries.enumerated() where value != 0 {
        record.put(big: value, at: entry * 8)
      }
      all.append((place, record.bytes))
    }
    all.append((firstTable * Self.cluster, first.bytes))

    let counters = counters
    var table = Record(size: Self.cluster)
    for block in 0..<counters.blocks {
      let start = used + block
      table.put(big: UInt64(start * Self.cluster), at: block * 8)
      var record = Record(size: Self.cluster)
      let left = counters.total - block * Self.cluster / 2
      for index in 0..<min(left, Self.cluster / 2) { record.put(big: UInt16(1), at: index * 2) }
      all.append((start * Self.cluster, record.bytes))
    }
    all.append(((used + counters.blocks) * Self.cluster, table.bytes))
    all.append((0, header(countersAt: (used + counters.blocks) * Self.cluster, tables: count)))
    return all
  }

  package var length: Int { counters.total * Self.cluster }

  /// How many clusters of 16-bit reference counters there are; with them and their table, all
  /// clusters of the image.
  private var counters: (blocks: Int, total: Int) {
    var blocks = 1
    while (used + blocks + 1 + Self.cluster / 2 - 1) / (Self.cluster / 2) > blocks { blocks += 1 }
    return (blocks, used + blocks + 1)
  }

  private func header(countersAt place: Int, tables: Int) -> [UInt8] {
    var header = Record(size: Self.cluster)
    header.put([0x51, 0x46, 0x49, 0xfb], at: 0)
    header.put(big: UInt32(3), at: 4)
    header.put(big: UInt32(Self.cluster.trailingZeroBitCount), at: 20)
    header.put(big: UInt64(size), at: 24)
    header.put(big: UInt32(tables), at: 36)
    header.put(big: UInt64(firstTable * Self.cluster), at: 40)
    header.put(big: UInt64(place), at: 48)
    header.put(big: UInt32(1), at: 56)
    // Incompatible feature 2: an external data file.
    header.put(big: UInt64(isMap ? 1 << 2 : 0), at: 72)
    header.put(big: UInt32(4), at: 96)
    header.put(big: UInt32(104), at: 100)
    return header.bytes
  }
}
