internal import Files
internal import Glibc
package import Model
package import Tar

/// Writes a POSIX pax archive to an open file, entry by entry.
///
/// Equal entries give equal bytes: no
/// names of owners, no times but mtime, and extended headers with a fixed name.
package struct TarWriter: ~Copyable {
  let descriptor: Int32
  let archive: String
  private var buffer: [UInt8] = []

  private static let bufferSize = 1 << 20

  /// - Parameters:
  ///   - descriptor: Where the archive goes; stays open. It may be a pipe.
  ///   - archive: What the archive is called in a failure.
  package init(to descriptor: Int32, archive: String) {
    self.descriptor = descriptor
    self.archive = archive
    buffer.reserveCapacity(Self.bufferSize + (1 << 16))
  }

  /// Begins an entry.
  ///
  /// The `entry.size` bytes of a file's content must follow by `addContent`, then
  /// `endContent`.
  package mutating func begin(_ entry: TarEntry) throws(Failure) {
    var records: [UInt8] = []
    let (path, link) = (entry.path.bytes, entry.link.bytes)
    if entry.path.text == nil { records += PaxRecords.record("hdrcharset", Array("BINARY".utf8)) }
    if path.count > TarField.name.count { records += PaxRecords.record("path", path) }
    if link.count > TarField.link.count { records += PaxRecords.record("linkpath", link) }
    for (key, value, digits) in [
      ("size" as ByteString, entry.size, 11), ("uid", entry.uid, 7), ("gid", entry.gid, 7),
      ("mtime", entry.mtime, 11),
    ]
    where value < 0 || value >= 1 << (3 * digits) {
      records += PaxRecords.record(key, Array("\(value)".utf8))
    }
    for xattr in entry.xattrs.sorted(by: { $0.name < $1.name }) {
      records += PaxRecords.record(PaxRecords.xattrPrefix + xattr.name, xattr.value)
    }
    if !records.isEmpty {
      let extended = TarEntry(
        path: "./PaxHeaders/entry", kind: .file, mode: 0o644, uid: 0, gid: 0, size: records.count,
        mtime: 0)
      try write(header(of: extended, kind: UInt8(ascii: "x"))[...])
      try write(records[...])
      try endContent(size: records.count)
    }
    try write(header(of: entry, kind: entry.kind.letter)[...])
  }

  package mutating func addContent(_ bytes: ArraySlice<UInt8>) throws(Failure) { try write(bytes) }

  /// Pads a content of `size` bytes to whole blocks.
  package mutating func endContent(size: Int) throws(Failure) {
    let odd = size % TarField.block
    if odd != 0 { try write([UInt8](repeating: 0, count: TarField.block - odd)[...]) }
  }

  /// Ends the archive.
  package mutating func finish() throws(Failure) {
    try write([UInt8](repeating: 0, count: 2 * TarField.block)[...])
    try flush()
  }

  private mutating func write(_ bytes: ArraySlice<UInt8>) throws(Failure) {
    buffer += bytes
    if buffer.count >= Self.bufferSize { try flush() }
  }

  mutating func flush() throws(Failure) {
    var done = 0
    while done < buffer.count {
      let count = buffer.withUnsafeBytes { all in
        retrying { Glibc.write(descriptor, all.baseAddress?.advanced(by: done), all.count - done) }
      }
      guard count > 0 else { throw .system("write", archive) }
      done += count
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private func header(of entry: TarEntry, kind: UInt8) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: TarField.block)
    func put(_ bytes: some Collection<UInt8>, _ range: Range<Int>) {
      for (offset, byte) in bytes.prefix(range.count).enumerated() {
        header[range.lowerBound + offset] = byte
      }
    }
    func put(octal value: Int, _ range: Range<Int>) {
      let digits = range.count - 1
      // What does not fit has a pax record that counts instead.
      let fitting = min(max(0, value), (1 << (3 * digits)) - 1)
      let text = String(fitting, radix: 8)
      put((String(repeating: "0", count: digits - text.utf8.count) + text).utf8, range)
    }
    put(entry.path.bytes, TarField.name)
    put(octal: Int(entry.mode), TarField.mode)
    put(octal: entry.uid, TarField.uid)
    put(octal: entry.gid, TarField.gid)
    put(octal: entry.size, TarField.size)
    put(octal: entry.mtime, TarField.mtime)
    header[TarField.kind] = kind
    put(entry.link.bytes, TarField.link)
    put("ustar\0".utf8, TarField.magic)
    put("00".utf8, TarField.magic.lowerBound + 6..<TarField.magic.upperBound)
    if let device = entry.kind.device {
      put(octal: device.major, TarField.major)
      put(octal: device.minor, TarField.minor)
    }
    for index in TarField.checksum { header[index] = 0x20 }
    let sum = header.reduce(0) { $0 + Int($1) }
    // Six digits, NUL, space: the form every reader knows.
    let digits = String(sum, radix: 8)
    put(
      (String(repeating: "0", count: 6 - digits.utf8.count) + digits + "\0 ").utf8,
      TarField.checksum)
    return header
  }
}

extension TarEntry {
  fileprivate var link: ByteString {
    switch kind {
    case .hardLink(let target), .symbolicLink(let target): target
    default: ""
    }
  }
}

extension TarEntry.Kind {
  fileprivate var letter: UInt8 {
    switch self {
    case .file: UInt8(ascii: "0")
    case .hardLink: UInt8(ascii: "1")
    case .symbolicLink: UInt8(ascii: "2")
    case .characterDevice: UInt8(ascii: "3")
    case .blockDevice: UInt8(ascii: "4")
    case .directory: UInt8(ascii: "5")
    case .fifo: UInt8(ascii: "6")
    }
  }

  fileprivate var device: (major: Int, minor: Int)? {
    switch self {
    case .characterDevice(let major, let minor), .blockDevice(let major, let minor): (major, minor)
    default: nil
    }
  }
}
