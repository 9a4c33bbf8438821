internal import CLinux
internal import Glibc
package import Model

extension FileDescriptor {
  /// Writes bytes at an offset, wherever the file's position is.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(Failure) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = retrying { pwrite(raw, rest.baseAddress, rest.count, offset + done) }
      guard count >= 0 else { throw .system("write", title) }
      done += count
    }
  }

  package func write(_ bytes: [UInt8], at offset: Int) throws(Failure) {
    let result = bytes.withUnsafeBytes { buffer in
      Result { () throws(Failure) in try write(buffer, at: offset) }
    }
    try result.get()
  }

  /// The file's size in bytes.
  package func size() throws(Failure) -> Int {
    var info = stat()
    guard fstat(raw, &info) == 0 else { throw .system("inspect", title) }
    return Int(info.st_size)
  }

  /// Makes the file so long: what is new reads as zeros.
  package func setSize(_ size: Int) throws(Failure) {
    guard ftruncate(raw, size) == 0 else { throw .system("set the size of", "the file") }
  }

  /// Copies all bytes of this file to a place of another, where now are zeros: holes stay holes, and
  /// where the file system can, both files share their blocks, so that nothing is written twice.
  package func copy(to target: borrowing FileDescriptor, at offset: Int) throws(Failure) {
    var position = 0
    let size = try size()
    while position < size, let data = nextData(from: position), data < size {
      let hole = lseek(raw, data, PARTICLE_SEEK_HOLE)
      let end = hole < 0 ? size : min(hole, size)
      position = data
      while position < end {
        let count = retrying {
          particle_copy_range(raw, position, target.raw, offset + position, UInt(end - position))
        }
        if count < 0, [EXDEV, EINVAL, EOPNOTSUPP, ENOSYS].contains(errno) {
          // The two are on file systems of different kinds.
          let bytes = try read(min(end - position, 1 << 20), at: position)
          guard !bytes.isEmpty else {
            throw Failure("read", "a file", cause: "it was truncated while being read")
          }
          try target.write(bytes, at: offset + position)
          position += bytes.count
          continue
        }
        guard count > 0 else {
          if count == 0 { errno = EIO }
          throw .system("copy", title)
        }
        position += count
      }
    }
  }

  /// From `offset` on, where the next bytes are that are no hole; nil where only holes follow.
  package func nextData(from offset: Int) -> Int? {
    let place = lseek(raw, offset, PARTICLE_SEEK_DATA)
    if place >= 0 { return place }
    // A file system without holes says so; then all is data.
    return errno == ENXIO ? nil : offset
  }
}
