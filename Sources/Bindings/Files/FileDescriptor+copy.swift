internal import CLinux
internal import Glibc
package import Model

/// What the bytes of a sparse file are handed over as.
package enum Piece {
  case data(UnsafeRawBufferPointer)
  /// So many zeros, which take no space in the file.
  case hole(Int)
}

extension FileDescriptor {
  /// Gives all bytes of the file in order, with the holes as such.
  package func forEachPiece(_ body: (Piece) throws(Failure) -> Void) throws(Failure) {
    var info = stat()
    guard fstat(raw, &info) == 0 else { throw .system("inspect", title) }
    let end = Int(info.st_size)
    guard end > 0 else { return }
    let isSparse = Int(info.st_blocks) * 512 < end
    let size = min(end, 1 << 18)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)
    defer { buffer.deallocate() }
    var position = 0
    while position < end {
      var data = position
      var hole = end
      if isSparse {
        data = lseek(raw, position, PARTICLE_SEEK_DATA)
        if data < 0 { data = errno == ENXIO ? end : position }
        hole = data < end ? lseek(raw, data, PARTICLE_SEEK_HOLE) : end
        if hole < 0 { hole = end }
      }
      if data > position { try body(.hole(data - position)) }
      position = data
      while position < hole {
        let count = retrying {
          pread(raw, buffer.baseAddress, min(size, hole - position), position)
        }
        guard count > 0 else {
          if count == 0 { errno = EIO }
          throw .system("read", title)
        }
        try body(.data(UnsafeRawBufferPointer(rebasing: buffer[..<count])))
        position += count
      }
    }
  }

  /// Appends bytes at the file's position.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = retrying { Glibc.write(raw, rest.baseAddress, rest.count) }
      guard count >= 0 else { throw .system("write", title) }
      done += count
    }
  }

  /// Goes on by so many bytes, which read as zeros; the file's end must be set afterwards.
  package func skip(_ count: Int) { lseek(raw, count, SEEK_CUR) }

  /// Makes this empty file the same as another: sharing its blocks where the file system can,
  /// else as a copy with the same holes.
  package func clone(_ source: borrowing FileDescriptor) throws(Failure) {
    if particle_clone_file(raw, source.raw) == 0 { return }
    var info = stat()
    guard fstat(source.raw, &info) == 0 else { throw .system("inspect", "the file to copy") }
    let target = raw
    try source.forEachPiece { (piece) throws(Failure) in
      switch piece {
      case .hole(let count): lseek(target, count, SEEK_CUR)
      case .data(let bytes): try write(bytes)
      }
    }
    guard ftruncate(raw, info.st_size) == 0 else { throw .system("set the size of", "the copy") }
  }
}
