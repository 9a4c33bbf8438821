internal import Files
internal import Glibc
package import Model

/// A binary package of Debian whose files are not compressed.
package struct ExpandedDeb: Sendable {
  /// The tar archive of the files it installs.
  package private(set) var data: [UInt8] = []
  /// All that comes before that in the file.
  private var head: [UInt8]

  init(head: [UInt8]) { self.head = head }

  mutating func append(_ name: ByteString, _ content: [UInt8]) {
    head += Self.header(name, size: content.count) + content
    if content.count % 2 == 1 { head.append(UInt8(ascii: "\n")) }
  }

  /// Adds the last member.
  mutating func append(data: [UInt8], named name: ByteString) {
    head += Self.header(name, size: data.count)
    self.data = data
  }

  /// A member's header in an ar archive (deb(5)): its name, time, owner, group, mode and size.
  private static func header(_ name: ByteString, size: Int) -> [UInt8] {
    let fields: [(ByteString, Int)] = [
      (name, 16), ("0", 12), ("0", 6), ("0", 6), ("100644", 8), (ByteString("\(size)"), 10),
    ]
    var bytes: [UInt8] = []
    for (text, width) in fields {
      bytes += text.bytes
      bytes += Array(repeating: UInt8(ascii: " "), count: max(0, width - text.bytes.count))
    }
    return bytes + [0x60, 0x0a]
  }

  /// Writes the package to a new file.
  ///
  /// - Throws: When there is no room for it.
  package func write(to path: String) throws(Failure) {
    let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
    // A tar archive is of whole blocks, so no byte has to be added for an even size.
    for part in [head, data] { try file.write(part) }
  }
}
