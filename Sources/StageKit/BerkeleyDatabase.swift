package import Model

/// A file of Berkeley DB (dbinc/db_page.h of its version 5.3), such as /etc/aliases.db.
package struct BerkeleyDatabase {
  private let bytes: [UInt8]
  private let pageSize: Int
  private let isLittle: Bool

  /// The marks of a hash and of a tree.
  private static let marks = [0x06_1561, 0x05_3162]
  /// The file's own, for the pages that programs share (`uid` of `struct _dbmeta33`).
  private static let identifier = 52..<72
  /// The kinds of pages that have items: unsorted hash, tree, leaf, leaf of duplicates, hash.
  private static let itemPages: [UInt8] = [2, 3, 5, 12, 13]
  /// Where a page's items are listed, behind its head (`SIZEOF_PAGE`).
  private static let list = 26

  /// Nil for anything else, and for one with sums of its pages or encrypted.
  ///
  /// - Parameter bytes: The file.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count >= 512 else { return nil }
    self.bytes = bytes
    isLittle = Self.marks.contains(Self.number(bytes[12..<16], isLittle: true))
    pageSize = Self.number(bytes[20..<24], isLittle: isLittle)
    let (encryption, sums) = (bytes[24], bytes[26] & 1)
    guard Self.marks.contains(Self.number(bytes[12..<16], isLittle: isLittle)), encryption == 0,
      sums == 0, pageSize >= 512, bytes.count % pageSize == 0
    else { return nil }
  }

  private static func number(_ bytes: ArraySlice<UInt8>, isLittle: Bool) -> Int {
    (isLittle ? Array(bytes.reversed()) : Array(bytes)).reduce(0) { $0 << 8 | Int($1) }
  }

  /// The same with an identifier that follows from its place, not from the inode, the time and the process that made it,
  /// without what was in memory where a page has no items, and with the time of postalias(1) and postmap(1) set.
  ///
  /// - Parameters:
  ///   - path: Its place.
  ///   - time: The time.
  /// - Returns: The file.
  package func settled(at path: String, _ time: Timestamp) -> [UInt8] {
    var settled = bytes
    // It tells this database from others that a program has open.
    let end = Array(path.utf8.suffix(Self.identifier.count))
    let padding = [UInt8](repeating: 0, count: Self.identifier.count - end.count)
    settled.replaceSubrange(Self.identifier, with: end + padding)
    for page in stride(from: pageSize, to: settled.count, by: pageSize)
    where Self.itemPages.contains(settled[page + 25]) {
      let count = Self.number(settled[page + 20..<page + 22], isLittle: isLittle)
      // Items fill a page from its end on.
      let first = Self.number(settled[page + 22..<page + 24], isLittle: isLittle)
      let start = Self.list + 2 * count
      guard start < first, first <= pageSize else { continue }
      for place in start..<first { settled[page + place] = 0 }
    }
    setDate(time, in: &settled)
    return settled
  }

  private func setDate(_ time: Timestamp, in settled: inout [UInt8]) {
    // A value stands before its key, each behind a byte for its kind.
    let key = [1] + Array("YP_LAST_MODIFIED".utf8)
    let date = Array("\(time.seconds)".utf8)
    var place = date.count + 1
    while place + key.count <= settled.count {
      let value = place - date.count..<place
      if settled[place] == 1, settled[place..<place + key.count].elementsEqual(key),
        settled[value.lowerBound - 1] == 1, settled[value].allSatisfy({ 48...57 ~= $0 })
      {
        settled.replaceSubrange(value, with: date)
      }
      place += 1
    }
  }
}
