internal import CLinux
internal import Glibc
package import Model

/// The size of the blocks in which files have holes: what Linux's file systems have on amd64 and arm64.
private let blockSize = 4096

extension UnsafeRawBufferPointer {
  /// Gives these bytes of a file in runs: whole blocks of zeros, and what is between them.
  ///
  /// - Parameters:
  ///   - offset: Where they are in the file.
  ///   - body: Given each run, in order, and whether it is all zeros.
  /// - Throws: What `body` throws.
  package func forEachRun(
    at offset: Int, _ body: (UnsafeRawBufferPointer, Bool) throws(Failure) -> Void
  ) throws(Failure) {
    var start = 0
    var isZero = false
    var position = 0
    while position < count {
      let end = Swift.min(count, position + blockSize - (offset + position) % blockSize)
      let block = UnsafeRawBufferPointer(rebasing: self[position..<end])
      if block.isZero != isZero {
        if position > start {
          try body(UnsafeRawBufferPointer(rebasing: self[start..<position]), isZero)
        }
        start = position
        isZero.toggle()
      }
      position = end
    }
    if start < count { try body(UnsafeRawBufferPointer(rebasing: self[start...]), isZero) }
  }

  /// Whether each byte is the next one, and the first is zero.
  private var isZero: Bool {
    guard let address = baseAddress, self[0] == 0 else { return false }
    return memcmp(address, address + 1, count - 1) == 0
  }
}

extension FileDescriptor {
  /// Gives back the blocks of ranges that are all zeros, where the file system can.
  ///
  /// The kernel may take set-user-id bits and capabilities away, as it does for all writing.
  ///
  /// - Parameter ranges: In bytes; a last block may end beyond the file.
  /// - Throws: When that fails.
  package func makeHoles(_ ranges: [Range<Int>]) throws(Failure) {
    for range in ranges {
      let end = (range.upperBound + blockSize - 1) / blockSize * blockSize
      let status = retrying { particle_punch_hole(raw, range.lowerBound, end - range.lowerBound) }
      if status == 0 { continue }
      guard errno != EOPNOTSUPP else { return }
      throw .system("make a hole in", title)
    }
  }
}
