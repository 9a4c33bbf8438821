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
    let text: String
    do { text = try scratch.run(["sfdisk", "--json", path], from: "fdisk") } catch {
      // Boot code alone ends like a table of partitions.
      if error.operation == "run" { return nil }
      throw error
    }
    guard let node = try? JSON.parse(Array(text.utf8), file: "sfdisk --json"),
      let table = node["partitiontable"], case .object(let members) = table.value
    else { return nil }
    let sector = Self.number(table["sectorsize"]) ?? 512
    size = try FileDescriptor.open(path, O_RDONLY).size()
    facts = Self.texts(members, without: ["device", "partitions", "sectorsize", "unit"])
    facts["size"] = "\(size)"
    partitions = []
    guard case .list(let items)? = table["partitions"]?.value else { return }
    for item in items {
      guard case .object(let members) = item.value, case .string(let name)? = item["node"]?.value,
        let start = Self.number(item["start"]), let count = Self.number(item["size"]),
        name.hasPrefix(path),
        let number = Int(name.dropFirst(path.count).drop { !$0.isNumber }),
        start >= 0, count >= 0, (start + count) * sector <= size
      else { continue }
      partitions.append(
        Partition(
          number: number, range: start * sector..<(start + count) * sector,
          facts: Self.texts(members, without: ["node"])))
    }
  }

  /// What is between partitions, before the first and after the last, in bytes; without the table
  /// itself: the second half of the first sector, and the sectors that GPT has at both ends
  /// (UEFI specification, 5.3).
  var gaps: [Range<Int>] {
    let hasGPT = facts["label"] == "gpt"
    var used = partitions.map(\.range) + [440..<512]
    if hasGPT { used += [512..<34 * 512, max(512, size - 33 * 512)..<size] }
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
