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
    var chunk = [UInt8](repeating: 0, count: min(1 << 18, max(1, left)))
    while left > 0 {
      let count = retrying { read(file.raw, &chunk, min(chunk.count, left)) }
      guard count >= 0 else { throw .system("read", path) }
      guard count > 0 else { throw Failure("read", path, cause: "it became shorter meanwhile") }
      try addContent(chunk[..<count])
      left -= count
    }
    try endContent(size: size)
  }
}
