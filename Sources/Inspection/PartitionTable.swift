internal import Files
internal import Glibc
internal import JSON
internal import Model

/// The table of partitions of a disk, read by sfdisk(8).
struct PartitionTable {
  struct Partition {
    var number: Int
    /// In bytes.
    var range: Range<Int>
    /// What else is said of it, by sfdisk's names: `type`, `uuid`, `name`, `attrs`, `bootable`.
    var facts: [String: String]

    /// Where it is.
    var words: String { "bytes \(range.lowerBound) to \(range.upperBound - 1)" }
  }

  /// What is said of the table: `label`, `id`, `firstlba`, `lastlba`, and the disk's `size`.
  var facts: [String: String]
  var partitions: [Partition]
  /// In bytes.
  var size: Int

  /// - Returns: Nil where the disk has no such table.
  init?(of path: String, by scratch: Scratch) throws(Failure) {
    let real = try Files.namedPath(path)
    let text: String
    do { text = try scratch.run(["sfdisk", "--json", path], from: "fdisk", image: path) } catch {
      // Boot code alone ends like a table of partitions.
      if error.operation == "run" { return nil }
      throw error
    }
    try self.init(
      Array(text.utf8), of: real, size: try FileDescriptor.openRegular(path).size())
  }

  /// - Parameters:
  ///   - text: What sfdisk says.
  ///   - path: The disk, as sfdisk has it.
  ///   - size: Its bytes.
  /// - Throws: When partitions lie over each other.
  init?(_ text: [UInt8], of path: String, size: Int) throws(Failure) {
    guard let node = try? JSON.parse(text, file: "sfdisk --json"),
      let table = node["partitiontable"], case .object(let members) = table.value
    else { return nil }
    let sector = Self.number(table["sectorsize"]) ?? 512
    self.size = size
    facts = Self.texts(members, without: ["device", "partitions", "sectorsize", "unit"])
    facts["size"] = "\(size)"
    partitions = []
    guard case .list(let items)? = table["partitions"]?.value else { return }
    for item in items {
      guard case .object(let members) = item.value, case .string(let name)? = item["node"]?.value,
        let range = Self.range(
          from: Self.number(item["start"]), count: Self.number(item["size"]), sector: sector,
          within: size),
        ByteString(name).hasPrefix(ByteString(path)),
        let number = Model.number(
          ByteString(name).bytes.dropFirst(ByteString(path).bytes.count).drop {
            !(0x30...0x39).contains($0)
          })
      else { continue }
      partitions.append(
        Partition(
          number: number, range: range, facts: Self.texts(members, without: ["node"])))
    }
    // Those of an old table may lie in one that holds them all; a table of many that lie over each other would be read, and
    // taken apart, many times.
    guard partitions.reduce(0, { $0 + $1.range.count }) / 3 <= size else {
      throw Failure(
        "read", path, cause: "its \(partitions.count) partitions overlap",
        remedy: "'sfdisk --verify' shows which")
    }
  }

  /// The bytes of a partition; nil for one that is not on the disk.
  static func range(from start: Int?, count: Int?, sector: Int, within size: Int) -> Range<Int>? {
    guard let start, let count, start >= 0, count >= 0, sector > 0, sector <= 1 << 20 else {
      return nil
    }
    let sectors = size / sector
    guard start <= sectors, count <= sectors - start else { return nil }
    return start * sector..<(start + count) * sector
  }

  /// What is between partitions, before the first and after the last, in bytes; without the table
  /// itself: the second half of the first sector, and the sectors that GPT has at both ends
  /// (UEFI specification, 5.3).
  var gaps: [Range<Int>] {
    let hasGPT = facts["label"] == "gpt"
    var used = partitions.map(\.range) + [440..<512]
    if hasGPT, size >= 67 * 512 { used += [512..<34 * 512, size - 33 * 512..<size] }
    var gaps: [Range<Int>] = []
    var position = 0
    for range in used.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > position { gaps.append(position..<range.lowerBound) }
      position = max(position, range.upperBound)
    }
    if position < size { gaps.append(position..<size) }
    return gaps
  }

  private static func number(_ node: Node?) -> Int? {
    guard case .integer(let number)? = node?.value else { return nil }
    return number
  }

  private static func texts(_ members: [Node.Member], without: Set<String>) -> [String: String] {
    var texts: [String: String] = [:]
    for member in members where !without.contains(member.key) {
      switch member.value.value {
      case .string(let text): texts[member.key] = text
      case .integer(let number): texts[member.key] = "\(number)"
      case .bool(let flag): texts[member.key] = "\(flag)"
      default: continue
      }
    }
    return texts
  }
}
