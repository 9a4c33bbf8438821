internal import CLinux
internal import Files
internal import Glibc
package import Model
internal import Tar

extension TarWriter {
  /// Adds the content of a file, of which the archive's entry says that it has `size` bytes.
  package mutating func addFile(_ path: String, size: Int) throws(Failure) {
    let file = try FileDescriptor.open(path, O_RDONLY | O_NOFOLLOW)
    try addFile(file, path, size: size)
  }

  mutating func addFile(_ file: borrowing FileDescriptor, _ path: String, size: Int)
    throws(Failure)
  {
    var left = size
    if size >= Self.largeFile {
      try flush()
      left -= try send(file, path, size)
    }
    var chunk = [UInt8](repeating: 0, count: min(1 << 18, max(1, left)))
    while left > 0 {
      let count = retrying { read(file.raw, &chunk, min(chunk.count, left)) }
      guard count >= 0 else { throw .system("read", path) }
      guard count > 0 else { throw Failure("read", path, cause: "it shrank while it was read") }
      try addContent(chunk[..<count])
      left -= count
    }
    try endContent(size: size)
  }

  /// From here on the kernel hands over a file's pages itself, which no longer costs more than copying.
  private static var largeFile: Int { 128 << 10 }

  /// - Returns: How much of the file was written: all of it, or nothing where the kernel can't.
  private mutating func send(_ file: borrowing FileDescriptor, _ path: String, _ size: Int)
    throws(Failure) -> Int
  {
    var done = 0
    while done < size {
      let count = retrying { particle_send_file(descriptor, file.raw, UInt(size - done)) }
      if count < 0, done == 0, errno == EINVAL || errno == ENOSYS { return 0 }
      guard count >= 0 else { throw .system("copy into \(archive)", path) }
      guard count > 0 else { throw Failure("read", path, cause: "it shrank while it was read") }
      done += count
    }
    return done
  }
}
