internal import Model

/// Where the data of a file with holes stands in it, as GNU tar keeps such files (GNU tar's manual,
/// "Storing Sparse Files").
struct SparseMap: Equatable {
  struct Extent: Equatable {
    var offset: Int
    var size: Int
  }

  var extents: [Extent] = []
  /// Bytes of the file, with its holes.
  var size = 0

  /// Whether the extents follow each other within the file, and have so many bytes of data.
  func fits(_ stored: Int) -> Bool {
    var end = 0
    var sum = 0
    for extent in extents {
      guard extent.offset >= end, extent.size >= 0, extent.size <= size - extent.offset else {
        return false
      }
      end = extent.offset + extent.size
      sum += extent.size
    }
    return sum == stored && end <= size
  }

  /// Adds the numbers of a list: offset, size, offset, size and so on.
  mutating func add(_ numbers: [Int]) {
    for index in stride(from: 0, to: numbers.count - 1, by: 2) {
      extents.append(Extent(offset: numbers[index], size: numbers[index + 1]))
    }
  }
}

/// What the pax records of a file with holes say: the formats 0.0 and 0.1 have the map in them, 1.0
/// has it before the data.
struct PaxSparse: Equatable {
  static let prefix = "GNU.sparse."

  var name: [UInt8]?
  var size: Int?
  var isBeforeData = false
  private var numbers: [Int]?

  /// The map; nil for a file without holes, and for one that has it before its data.
  var map: SparseMap? {
    guard let size, let numbers, !isBeforeData else { return nil }
    var map = SparseMap(size: size)
    map.add(numbers)
    return map
  }

  mutating func take(_ key: String, _ value: [UInt8]) {
    switch key {
    case "name": name = value
    case "size", "realsize": size = PaxRecords.number(value)
    case "major": isBeforeData = PaxRecords.number(value) == 1
    case "numblocks": numbers = numbers ?? []
    // A number that is none leaves the map with odd ends, which fits no data.
    case "offset", "numbytes": numbers = (numbers ?? []) + [PaxRecords.number(value) ?? -1]
    case "map":
      numbers = value.split(separator: UInt8(ascii: ",")).map { PaxRecords.number(Array($0)) ?? -1 }
    default: break
    }
  }
}
