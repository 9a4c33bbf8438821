/// The ids that a user may give to files and processes beside their own (subuid(5), subgid(5)).
package struct SubordinateIDs: Sendable, Equatable {
  /// As many ids as a tree needs beside root's: the last one is 65535, and 65534 is `nobody`.
  package static let needed = 65_535

  /// Ids that follow one another.
  package struct Range: Sendable, Equatable {
    package var first: Int
    package var count: Int
  }

  /// In the order of the file.
  package var ranges: [Range]

  /// The ranges of one user.
  ///
  /// - Parameters:
  ///   - file: The text of /etc/subuid or /etc/subgid: lines of `user:first:count`.
  ///   - user: The name and the id of the user, either of which may stand there.
  package init(_ file: String, of user: (name: String, id: UInt32)) {
    let names = [user.name, String(user.id)]
    ranges = Self.lines(file).filter { names.contains($0.user) }.map(\.range)
  }

  package var count: Int { ranges.reduce(0) { $0 + $1.count } }

  /// What newuidmap(1) and newgidmap(1) are told.
  ///
  /// - Parameter own: The user's own id, which is root's within.
  /// - Returns: Triples of the first id within, the first outside, and their number.
  package func mapping(own: UInt32) -> String {
    var words = ["0", String(own), "1"]
    var next = 1
    for range in ranges where next <= Self.needed {
      let count = min(range.count, Self.needed + 1 - next)
      words += [next, range.first, count].map(String.init)
      next += count
    }
    return words.joined(separator: " ")
  }

  /// The beginning of a range that nobody has yet, in these files.
  package static func free(in files: [String]) -> Int {
    let ends = files.flatMap(lines).map { $0.range.first + $0.range.count }
    return max(100_000, ends.max() ?? 0)
  }

  private static func lines(_ file: String) -> [(user: String, range: Range)] {
    file.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count == 3, let first = Int(fields[1]), let count = Int(fields[2]),
        first > 0, count > 0, first < 1 << 32, count < 1 << 32
      else { return nil }
      return (String(fields[0]), Range(first: first, count: count))
    }
  }
}
