internal import Hashing
internal import Model
internal import Tar

/// What a storage keeps of a layer's archive: its digest, its owners, and all of its bytes that are
/// not in the files that it came to, so that it can be made again as it was.
///
/// That is the format of tar-split: a line of JSON for each stretch of the archive (type 2) and each
/// entry (type 1), the latter with a checksum of its content.
final class LayerRecord {
  private var hash: SHA256? = SHA256()
  private(set) var size = 0
  private(set) var owners: Set<Int> = []
  private(set) var groups: Set<Int> = []

  private var split = Gzip()
  private var lineCount = 0
  private var names: Set<ByteString> = []
  /// Whether all content is in files, each at its name.
  private var isWhole = true
  /// Bytes of the archive of which is not known yet what they are.
  private var pending: ArraySlice<UInt8> = []
  /// Where in the archive those begin.
  private var start = 0
  private var file: Content?

  /// More bytes that are in no file are not kept: without its record a layer still can be run, and is made anew where
  /// someone asks for its archive.
  private static let keptLimit = 256 << 20

  /// A file's content that is being passed over.
  private struct Content {
    var name: ByteString
    var size: Int
    var left: Int
    var sum = ~UInt64(0)
  }

  /// Takes the next bytes of the archive.
  func see(_ bytes: [UInt8]) {
    hash?.update(bytes)
    size += bytes.count
    guard isWhole else { return }
    if pending.isEmpty { pending = bytes[...] } else { pending += bytes }
    passContent()
    if pending.count > Self.keptLimit { giveUp() }
  }

  private func giveUp() {
    isWhole = false
    (pending, file, names) = ([], nil, [])
  }

  /// Takes notice of an entry.
  ///
  /// - Parameters:
  ///   - entry: The entry, of which the archive was read up to its content.
  ///   - position: Where in the archive that begins.
  ///   - isSparse: Whether it is stored otherwise than the file has it.
  func note(_ entry: TarEntry, at position: Int, isSparse: Bool) {
    owners.insert(entry.uid)
    groups.insert(entry.gid)
    guard isWhole else { return }
    endSegment(at: position)
    let name = entry.path
    let parts = name.names.filter { $0 != "." }
    let isNew = names.insert(
      ByteString(parts.map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
    ).inserted
    guard case .file = entry.kind, entry.size > 0 else {
      if isNew { addLine(entry: name, "\"payload\":null") }
      return
    }
    // Of two files with one name the first is gone.
    guard isNew else { return giveUp() }
    // What is stored otherwise stays among the other bytes.
    if isSparse { return }
    file = Content(name: name, size: entry.size, left: entry.size)
    passContent()
  }

  /// Ends with the archive.
  ///
  /// - Returns: The archive's digest, and the compressed lines; nil for an archive that cannot be
  ///   made from its files again.
  func finish() -> (digest: Digest, split: [UInt8]?) {
    if isWhole { endSegment(at: start + pending.count) }
    guard let digest = hash.take()?.finish() else { preconditionFailure("it has ended before") }
    return (digest, isWhole ? split.finish() : nil)
  }

  private func passContent() {
    guard var file else { return }
    let part = min(file.left, pending.count)
    for byte in pending.prefix(part) {
      file.sum = sumTable[Int(UInt8(truncatingIfNeeded: file.sum) ^ byte)] ^ file.sum >> 8
    }
    pending = pending.dropFirst(part)
    start += part
    file.left -= part
    guard file.left == 0 else {
      self.file = file
      return
    }
    self.file = nil
    let sum = (0..<8).reversed().map { UInt8(truncatingIfNeeded: ~file.sum >> (8 * UInt64($0))) }
    addLine(
      entry: file.name,
      "\"size\":\(file.size),\"payload\":\"\(base64(sum))\"")
  }

  private func endSegment(at position: Int) {
    let bytes = Array(pending.prefix(position - start))
    pending = pending.dropFirst(bytes.count)
    start = position
    guard !bytes.isEmpty else { return }
    split.write(
      Array("{\"type\":2,\"payload\":\"\(base64(bytes))\",\"position\":\(lineCount)}\n".utf8))
    lineCount += 1
  }

  private func addLine(entry name: ByteString, _ more: String) {
    // What is not UTF-8 cannot stand in JSON.
    let member =
      name.text.map { text in
        "\"name\":" + String(decoding: Node.string(text).canonicalBytes, as: UTF8.self)
      } ?? "\"name_raw\":\"\(base64(name.bytes))\""
    split.write(
      Array("{\"type\":1,\(member),\(more),\"position\":\(lineCount)}\n".utf8))
    lineCount += 1
  }
}

/// CRC-64 of ISO 3309, as tar-split has it.
private let sumTable = (0..<256).map { byte -> UInt64 in
  (0..<8).reduce(UInt64(byte)) { sum, _ in
    sum >> 1 ^ (sum & 1 == 1 ? 0xd800_0000_0000_0000 : 0)
  }
}
