/// A number of bytes as people read it: `12.3 MiB`.
package struct ByteCount: CustomStringConvertible {
  package var bytes: Int

  package init(_ bytes: Int) { self.bytes = bytes }

  package var description: String {
    for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] where bytes >= 1 << shift {
      return "\(bytes >> shift).\((bytes >> (shift - 10) & 1023) * 10 / 1024) \(unit)"
    }
    return "\(bytes) bytes"
  }
}
