package import Compression
internal import Files
internal import Glibc
package import Model
package import Tar

extension TarReader {
  /// Reads the layer of a container image, whichever way it is compressed: media types are often
  /// wrong about it.
  ///
  /// - Parameters:
  ///   - path: The layer's file.
  ///   - name: What it is called in a failure.
  ///   - seeing: Is given the archive's bytes, not compressed, as they are read.
  /// - Throws: When it cannot be read, or is compressed in a way that no image has.
  package init(
    layer path: String, named name: String, seeing: @escaping ([UInt8]) -> Void = { _ in }
  ) throws(Failure) {
    let file = OpenLayer(try FileDescriptor.openRegular(path))
    let start = try file.next()
    guard let compression = Compression(of: start) else {
      throw Failure(
        "read", name, cause: "its compression is neither gzip nor zstd",
        remedy: "build the image again with layers that are compressed by gzip or zstd")
    }
    let decompressor = try Decompressor(compression, start, name: name) { () throws(Failure) in
      try file.next()
    }
    self.init(archive: name) { () throws(Failure) in
      let bytes = try decompressor.next()
      seeing(bytes)
      return bytes
    }
  }
}

/// The file of a layer, read from its begin to its end.
private final class OpenLayer {
  private let file: FileDescriptor
  private var offset = 0

  init(_ file: consuming FileDescriptor) { self.file = file }

  func next() throws(Failure) -> [UInt8] {
    let bytes = try file.read(1 << 18, at: offset)
    offset += bytes.count
    return bytes
  }
}

extension Compression {
  /// What a layer is compressed with, by its first bytes; nil for what no layer may have.
  package init?(of start: [UInt8]) {
    if start.starts(with: [0x1f, 0x8b]) {
      self = .gzip
    } else if start.starts(with: [0x28, 0xb5, 0x2f, 0xfd])
      || start.count > 3 && start[0] & 0xf0 == 0x50
        && start[1...3].elementsEqual([0x2a, 0x4d, 0x18])
    {
      // A skippable frame may come first.
      self = .zstd
    } else if start.starts(with: Array("BZh".utf8)) || start.starts(with: [0xfd, 0x37, 0x7a, 0x58])
    {
      return nil
    } else {
      self = .none
    }
  }
}
