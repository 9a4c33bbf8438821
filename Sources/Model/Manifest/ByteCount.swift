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

  /// All in all; a petabyte stands for all that is more, so that times and rates can be computed of it.
  package static func sum(of sizes: some Sequence<Int>) -> Int {
    sizes.reduce(0) { sum, size in min(1 << 50, sum + min(1 << 50, max(0, size))) }
  }
}
