internal import StageKit

/// The structures of a dynamic VHDX (Microsoft, [MS-VHDX]), closed in good order: its log is empty.
struct VHDX: SparseImage {
  private static let mebibyte = 1 << 20
  /// Microsoft advises blocks of 1 MiB for Linux.
  private static let block = mebibyte
  /// After so many entries for blocks there is one for the bitmap of their sectors.
  private static let chunk = (1 << 23) * 512 / block

  private let size: Int
  private let id: String
  private let revision: String
  private var blocks: [Int?]
  private var used = 0

  init(size: Int, id: String, revision: String) {
    self.size = size
    self.id = id
    self.revision = revision
    blocks = [Int?](repeating: nil, count: (size + Self.block - 1) / Self.block)
  }

  mutating func place(_ block: Int) -> Int {
    let (index, part) = (block * RawDisk.block).quotientAndRemainder(dividingBy: Self.block)
    let number = blocks[index] ?? used
    if blocks[index] == nil { used += 1 }
    blocks[index] = number
    return start + number * Self.block + part
  }

  private var entries: Int { blocks.count + max(0, blocks.count - 1) / Self.chunk }
  private var tableSize: Int {
    (entries * 8 + Self.mebibyte - 1) / Self.mebibyte * Self.mebibyte
  }
  private let logPlace = mebibyte
  private let metadataPlace = 2 * mebibyte
  private let tablePlace = 3 * mebibyte
  private var start: Int { tablePlace + tableSize }

  var length: Int { start + used * Self.block }

  func structures() -> [(place: Int, bytes: [UInt8])] {
    var identifier = Record(size: 64 << 10)
    identifier.put("vhdxfile", at: 0)
    for (index, unit) in "particle-os".utf16.enumerated() {
      identifier.put(little: unit, at: 8 + index * 2)
    }
    return [
      (0, identifier.bytes), (64 << 10, header(sequence: 1)), (128 << 10, header(sequence: 2)),
      (192 << 10, regions), (256 << 10, regions), (metadataPlace, metadata), (tablePlace, table),
    ]
  }

  /// The one with the higher sequence number counts; the other is as it was before.
  private func header(sequence: UInt64) -> [UInt8] {
    var header = Record(size: 4096)
    header.put("head", at: 0)
    header.put(little: sequence, at: 8)
    header.put(guidBytes(revision), at: 16)
    header.put(guidBytes(revision), at: 32)
    header.put(little: UInt16(1), at: 66)
    header.put(little: UInt32(Self.mebibyte), at: 68)
    header.put(little: UInt64(logPlace), at: 72)
    header.put(little: CRC32C.of(header.bytes), at: 4)
    return header.bytes
  }

  private var regions: [UInt8] {
    var regions = Record(size: 64 << 10)
    regions.put("regi", at: 0)
    regions.put(little: UInt32(2), at: 8)
    let all = [
      ("2dc27766-f623-4200-9d64-115e9bfd4a08", tablePlace, tableSize),
      ("8b7ca206-4790-4b9a-b8fe-575f050f886e", metadataPlace, Self.mebibyte),
    ]
    for (index, (guid, place, size)) in all.enumerated() {
      let entry = 16 + index * 32
      regions.put(guidBytes(guid), at: entry)
      regions.put(little: UInt64(place), at: entry + 16)
      regions.put(little: UInt32(size), at: entry + 24)
      regions.put(little: UInt32(1), at: entry + 28)
    }
    regions.put(little: CRC32C.of(regions.bytes), at: 4)
    return regions.bytes
  }

  private var metadata: [UInt8] {
    func little(_ number: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
    // It must be understood; and whether it is the disk's own.
    let (required, disk): (UInt32, UInt32) = (4, 2)
    let items: [(guid: String, flags: UInt32, value: [UInt8])] = [
      // The file's parameters: the block size.
      ("caa16737-fa36-4d43-b3b6-33f0aa44e76b", required, little(UInt64(Self.block))),
      // The disk's size, its id (SCSI page 83), its logical and its physical sector size.
      ("2fa54224-cd1b-4876-b211-5dbed83bf4b8", required | disk, little(UInt64(size))),
      ("beca12ab-b2e6-4523-93ef-c309e000c746", required | disk, guidBytes(id)),
      ("8141bf1d-a96f-4709-ba47-f233a8faab5f", required | disk, little(UInt32(512))),
      ("cda348c7-445d-4471-9cc9-e9885251c556", required | disk, little(UInt32(512))),
    ]
    let valuesPlace = 64 << 10
    var record = Record(size: valuesPlace + 4096)
    record.put("metadata", at: 0)
    record.put(little: UInt16(items.count), at: 10)
    var place = valuesPlace
    for (index, item) in items.enumerated() {
      let entry = 32 + index * 32
      record.put(guidBytes(item.guid), at: entry)
      record.put(little: UInt32(place), at: entry + 16)
      record.put(little: UInt32(item.value.count), at: entry + 20)
      record.put(little: item.flags, at: entry + 24)
      record.put(item.value, at: place)
      place += item.value.count
    }
    return record.bytes
  }

  private var table: [UInt8] {
    var table = Record(size: tableSize)
    for (index, block) in blocks.enumerated() {
      guard let block else { continue }
      // State 6: the block is wholly there; its place is in whole MiB.
      let place = UInt64(start + block * Self.block)
      table.put(little: place | 6, at: (index + index / Self.chunk) * 8)
    }
    return table.bytes
  }
}
