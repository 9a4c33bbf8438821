internal import Files
internal import Glibc
package import Model

/// The structures of a disk image that has only the blocks of a disk that are not zeros.
///
/// Equal disks give equal images: blocks come in the order of the disk, one after the other.
package protocol SparseImage {
  /// Where the image has a block of `RawDisk.block` bytes; blocks are placed in their order, each
  /// once.
  mutating func place(_ block: Int) -> Int
  /// What the image has beside the blocks, once all are placed.
  func structures() -> [(place: Int, bytes: [UInt8])]
  /// The image's size in bytes, once all blocks are placed.
  var length: Int { get }
}

extension SparseImage {
  /// Writes the disk's blocks and the structures to a new file.
  package mutating func write(_ disk: borrowing RawDisk, to path: String) throws(Failure) {
    let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT)
    do {
      var image = self
      try disk.forEachBlock { (block, bytes) throws(Failure) in
        try file.write(bytes, at: image.place(block))
      }
      for structure in image.structures() { try file.write(structure.bytes, at: structure.place) }
      try file.setSize(image.length)
      self = image
    } catch { throw Failure("write", path, cause: error.cause, code: error.code) }
  }
}
