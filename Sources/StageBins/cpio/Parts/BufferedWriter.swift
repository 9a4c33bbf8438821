internal import Files
internal import Glibc
internal import Model

/// Writes to an open file, much at once.
struct BufferedWriter: ~Copyable {
  private let descriptor: Int32
  private let name: String
  private var buffer: [UInt8] = []

  private static let room = 1 << 20

  init(to descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  mutating func write(_ bytes: ArraySlice<UInt8>) throws(Failure) {
    buffer += bytes
    if buffer.count >= Self.room { try finish() }
  }

  /// Fills up a content of `size` bytes to whole words of four.
  mutating func pad(_ size: Int) throws(Failure) {
    try write([UInt8](repeating: 0, count: (4 - size % 4) % 4)[...])
  }

  mutating func write(_ file: borrowing FileDescriptor, _ path: String, size: Int) throws(Failure) {
    var done = 0
    while done < size {
      let bytes = try file.read(min(1 << 18, size - done), at: done)
      guard !bytes.isEmpty else {
        throw Failure("read", path, cause: "it shrank while it was read")
      }
      try write(bytes[...])
      done += bytes.count
    }
  }

  mutating func finish() throws(Failure) {
    var done = 0
    while done < buffer.count {
      let count = buffer.withUnsafeBytes { all in
        retrying { Glibc.write(descriptor, all.baseAddress?.advanced(by: done), all.count - done) }
      }
      guard count > 0 else { throw .system("write", name) }
      done += count
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
