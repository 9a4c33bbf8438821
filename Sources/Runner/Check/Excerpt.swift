package import Files
internal import Glibc
package import Model

/// The place where two files begin to differ, for people.
package struct Excerpt: Sendable, Equatable {
  package var lines: [String]

  /// No file is compared as text that is longer, in bytes.
  private static let textLimit = 4 << 20
  private static let lineLimit = 5
  private static let widthLimit = 120

  /// The same of two files, by their paths.
  package init(of first: String, and second: String) throws(Failure) {
    try self.init(
      of: FileDescriptor.open(first, O_RDONLY), and: FileDescriptor.open(second, O_RDONLY))
  }

  /// The first lines that differ, when both files are text; else the first byte.
  package init(of first: borrowing FileDescriptor, and second: borrowing FileDescriptor)
    throws(Failure)
  {
    let sizes = (try first.size(), try second.size())
    if max(sizes.0, sizes.1) <= Self.textLimit,
      let old = Self.text(try first.readAll()), let new = Self.text(try second.readAll())
    {
      lines = Self.difference(old, new)
    } else {
      let offset = try Self.firstDifference(first, second)
      lines = ["first differing byte: \(offset)"]
      if sizes.0 != sizes.1 { lines.append("sizes: \(sizes.0) and \(sizes.1) bytes") }
    }
  }

  private static func text(_ bytes: [UInt8]) -> [Substring]? {
    guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
      return nil
    }
    return text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  private static func difference(_ old: [Substring], _ new: [Substring]) -> [String] {
    let shorter = min(old.count, new.count)
    let start = (0..<shorter).first { old[$0] != new[$0] } ?? shorter
    let end = (0..<shorter - start).first { old[old.count - 1 - $0] != new[new.count - 1 - $0] }
    let same = end ?? shorter - start
    let gone = old[start..<old.count - same].map { "-" + $0 }
    let came = new[start..<new.count - same].map { "+" + $0 }
    // As much of both as there is room for.
    let shown = gone.prefix(max(lineLimit / 2, lineLimit - came.count))
    let lines = shown + came.prefix(lineLimit - shown.count)
    let rest = gone.count + came.count - lines.count
    return ["@@ line \(start + 1) @@"]
      + lines.map { line in
        Model.shown(String(line)).cut(to: widthLimit)
      } + (rest > 0 ? ["(and \(rest) more lines)"] : [])
  }

  /// Counted from 0; the length of the shorter file when it is how the other one begins.
  private static func firstDifference(
    _ one: borrowing FileDescriptor, _ another: borrowing FileDescriptor
  ) throws(Failure) -> Int {
    var position = 0
    while true {
      // Where neither has data, both are zeros.
      let ends = (try one.size(), try another.size())
      let data = (one.nextData(from: position), another.nextData(from: position))
      position = max(position, min(data.0 ?? ends.0, data.1 ?? ends.1))
      let left = try one.read(1 << 18, at: position)
      let right = try another.read(1 << 18, at: position)
      if left == right, !left.isEmpty {
        position += left.count
        continue
      }
      let same = zip(left, right).enumerated().first { $1.0 != $1.1 }?.offset
      return position + (same ?? min(left.count, right.count))
    }
  }
}
