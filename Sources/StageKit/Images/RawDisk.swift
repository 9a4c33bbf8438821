internal import Files
internal import Glibc
package import Model

/// A raw disk image, read block by block.
///
/// What is a block of zeros is decided by its bytes: holes only save the reading of them, so that
/// neither the file system that the image is on nor the way it was written shows in what is made
/// of it.
package struct RawDisk: ~Copyable {
  /// Bytes of a block: what all sparse formats here handle at once.
  package static let block = 64 << 10

  private let file: FileDescriptor
  private let path: String
  /// In bytes.
  package let size: Int

  package init(_ path: String) throws(Failure) {
    self.path = path
    let file = try FileDescriptor.open(path, O_RDONLY)
    size = try file.size()
    self.file = file
  }

  /// Gives each block that has a byte other than zero, in order, with its number.
  ///
  /// The last one is filled up with zeros.
  package func forEachBlock(_ body: (Int, UnsafeRawBufferPointer) throws(Failure) -> Void)
    throws(Failure)
  {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 * Self.block, alignment: 4096)
    defer { room.deallocate() }
    var position = 0
    while position < size, let data = file.nextData(from: position) {
      position = data / Self.block * Self.block
      let count = try fill(room, from: position)
      for start in stride(from: 0, to: count, by: Self.block) {
        let block = UnsafeRawBufferPointer(
          rebasing: room[start..<start + Self.block])
        if block.hasContent { try body((position + start) / Self.block, block) }
      }
      position += count
    }
  }

  /// Reads as much as fits, in whole blocks.
  private func fill(_ room: UnsafeMutableRawBufferPointer, from position: Int) throws(Failure)
    -> Int
  {
    let wanted = min(room.count, size - position)
    var done = 0
    while done < wanted {
      let count = retrying {
        pread(file.raw, room.baseAddress?.advanced(by: done), wanted - done, position + done)
      }
      guard count >= 0 else { throw .system("read", path) }
      guard count > 0 else { throw Failure("read", path, cause: "it shrank while it was read") }
      done += count
    }
    let whole = (wanted + Self.block - 1) / Self.block * Self.block
    if let base = room.baseAddress, whole > wanted { memset(base + wanted, 0, whole - wanted) }
    return whole
  }
}

extension UnsafeRawBufferPointer {
  /// Whether any byte is not zero, for a whole number of 64-bit words.
  fileprivate var hasContent: Bool {
    let words = bindMemory(to: UInt64.self)
    var start = 0
    // Many words at once, and a look at them now and then: most blocks say it with their first.
    while start < words.count {
      var all: UInt64 = 0
      let end = Swift.min(start + 64, words.count)
      for index in start..<end { all |= words[index] }
      if all != 0 { return true }
      start = end
    }
    return false
  }
}
