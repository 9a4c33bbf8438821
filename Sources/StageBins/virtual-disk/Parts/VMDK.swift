internal import StageKit

/// The structures of a monolithic sparse VMDK ("Virtual Disk Format 5.0", VMware, 2011).
struct VMDK: SparseImage {
  private static let sector = 512
  private static let grain = RawDisk.block / sector
  private static let descriptorSectors = 20
  /// Entries of a grain table, and the sectors it takes.
  private static let entries = 512
  private static let tableSectors = entries * 4 / sector

  private let size: Int
  private let id: String
  private let name: String
  private var grains: [UInt32]
  private var used = 0

  /// `name` is the file's own, which the image has in it.
  init(size: Int, id: String, name: String) {
    self.size = size
    self.id = id
    self.name = name
    let count = (size + RawDisk.block - 1) / RawDisk.block
    grains = [UInt32](
      repeating: 0, count: (count + Self.entries - 1) / Self.entries * Self.entries)
  }

  mutating func place(_ block: Int) -> Int {
    let sector = start + used * Self.grain
    used += 1
    grains[block] = UInt32(sector)
    return sector * Self.sector
  }

  private var tables: Int { grains.count / Self.entries }
  /// Sectors of a grain directory and the tables after it.
  private var directorySectors: Int { (tables * 4 + Self.sector - 1) / Self.sector }
  private var directories: [Int] {
    let first = 1 + Self.descriptorSectors
    return [first, first + directorySectors + tables * Self.tableSectors]
  }
  /// The sector where the grains begin.
  private var start: Int {
    let end = directories[1] + directorySectors + tables * Self.tableSectors
    return (end + Self.grain - 1) / Self.grain * Self.grain
  }

  var length: Int { (start + used * Self.grain) * Self.sector }

  func structures() -> [(place: Int, bytes: [UInt8])] {
    var header = Record(size: Self.sector)
    header.put("KDMV", at: 0)
    header.put(little: UInt32(1), at: 4)
    // The line ends below can be checked; there is a second grain directory.
    header.put(little: UInt32(3), at: 8)
    header.put(little: UInt64(size / Self.sector), at: 12)
    header.put(little: UInt64(Self.grain), at: 20)
    header.put(little: UInt64(1), at: 28)
    header.put(little: UInt64(Self.descriptorSectors), at: 36)
    header.put(little: UInt32(Self.entries), at: 44)
    header.put(little: UInt64(directories[0]), at: 48)
    header.put(little: UInt64(directories[1]), at: 56)
    header.put(little: UInt64(start), at: 64)
    header.put("\n \r\n", at: 73)

    var tables = Record(size: grains.count * 4)
    for (index, grain) in grains.enumerated() where grain != 0 {
      tables.put(little: grain, at: index * 4)
    }
    var all = [(0, header.bytes), (Self.sector, Array(descriptor.utf8))]
    for directory in directories {
      let first = directory + directorySectors
      var record = Record(size: directorySectors * Self.sector)
      for table in 0..<self.tables {
        record.put(little: UInt32(first + table * Self.tableSectors), at: table * 4)
      }
      all.append((directory * Self.sector, record.bytes + tables.bytes))
    }
    return all
  }

  private var descriptor: String {
    """
    # Disk DescriptorFile
    version=1
    CID=\(contentID(from: id))
    parentCID=ffffffff
    createType="monolithicSparse"

    # Extent description
    RW \(size / Self.sector) SPARSE "\(name)"

    # The Disk Data Base
    #DDB

    ddb.virtualHWVersion = "4"
    ddb.geometry.cylinders = "\(min(65535, size / Self.sector / (255 * 63)))"
    ddb.geometry.heads = "255"
    ddb.geometry.sectors = "63"
    ddb.adapterType = "lsilogic"

    """
  }
}
