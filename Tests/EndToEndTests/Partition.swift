import JSON
import Model
import Testing

/// A partition of a disk image, as sfdisk(8) reads the table.
struct Partition {
  /// The image.
  let image: String
  /// As the table has it: a GUID, or with an MBR hexadecimal digits.
  let type: String
  /// In sectors of 512 bytes.
  let start: Int
  let size: Int

  /// The partitions of an image, in the table's order.
  static func all(of image: String) throws -> [Partition] {
    let text = try tool(["sfdisk", "--json", image], from: "fdisk")
    let table = try JSON.parse(Array(text.utf8), file: "sfdisk --json")
    return try #require(table["partitiontable"]?["partitions"]?.items).map { entry in
      Partition(
        image: image, type: try #require(entry["type"]?.text),
        start: try #require(entry["start"]?.number), size: try #require(entry["size"]?.number))
    }
  }

  /// Writes its content to a file of its own.
  func copy(to path: String) throws {
    // In pieces as large as can be: most begin and end at a MiB.
    let piece = [2048, 8, 1].first { start % $0 == 0 && size % $0 == 0 } ?? 1
    try tool(
      [
        "dd", "if=\(image)", "of=\(path)", "bs=\(piece * 512)", "skip=\(start / piece)",
        "count=\(size / piece)", "conv=sparse", "status=none",
      ], from: "coreutils")
  }
}
