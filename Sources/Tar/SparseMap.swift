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
    guard size >= 0 else { return false }
    var end = 0
    var sum = 0
    for extent in extents {
      // Every place is at most `size`, so no sum of two can be too large.
      guard (end...size).contains(extent.offset), extent.size >= 0,
        extent.size <= size - extent.offset
      else { return false }
      end = extent.offset + extent.size
      sum += extent.size
    }
    return sum == stored
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
  static let prefix: ByteString = "GNU.sparse."

  var name: ByteString?
  var size: Int?
  var isBeforeData = false
  private var hasMap = false
  private var numbers: [Int] = []

  /// The map; nil for a file without holes, and for one that has it before its data.
  var map: SparseMap? {
    guard let size, hasMap, !isBeforeData else { return nil }
    var map = SparseMap(size: size)
    map.add(numbers)
    return map
  }

  /// - Returns: Whether the value is one that the key may have.
  mutating func take(_ key: ByteString, _ value: [UInt8]) -> Bool {
    switch key {
    case "name": name = ByteString(value)
    case "size", "realsize":
      size = number(value)
      return size != nil
    case "major": isBeforeData = number(value) == 1
    case "numblocks": hasMap = true
    case "offset", "numbytes":
      guard let number = number(value) else { return false }
      hasMap = true
      numbers.append(number)
    case "map":
      hasMap = true
      numbers = []
      for digits in value.split(separator: UInt8(ascii: ",")) {
        guard let number = number(digits) else { return false }
        numbers.append(number)
      }
    default: break
    }
    return true
  }
}
