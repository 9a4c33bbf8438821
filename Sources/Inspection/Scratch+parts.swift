internal import Compression
internal import DiskFormats
internal import Files
internal import Glibc
internal import Model

extension Scratch {
  /// The file without its compression.
  func decompressed(_ path: String, by compression: Compression) throws(Failure) -> String {
    let place = try place(for: "what is compressed in \(name(of: path))")
    let source = SequentialFile(try FileDescriptor.openRegular(path))
    let decompressor = try Decompressor(compression, [], name: path) { () throws(Failure) in
      try source.next()
    }
    let target = try FileDescriptor.open(place, O_WRONLY | O_CREAT | O_EXCL)
    var size = 0
    while case let bytes = try decompressor.next(), !bytes.isEmpty {
      // Zeros are holes.
      if !bytes.areZeros { try target.write(bytes, at: size) }
      size += bytes.count
      guard size <= Limits.file else {
        throw Failure(
          "decompress", path,
          cause: "its content is larger than \(ByteSize(bytes: Limits.file)), the limit for a file")
      }
    }
    try target.setSize(size)
    return place
  }

  /// A disk in another format as its own bytes.
  func raw(_ path: String, format: DiskFormat) throws(Failure) -> String {
    try format.refuseReferences(of: try FileDescriptor.openRegular(path), path)
    let place = try place(for: "the disk in \(name(of: path))")
    try run(
      ["qemu-img", "convert", "-f", format.rawValue, "-O", "raw", path, place], from: "qemu-utils",
      image: path, folder: String(place.dropLast("/it".utf8.count)))
    return place
  }

  /// Some bytes of a file as a file of their own, in which zeros are holes.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - range: Which of its bytes.
  ///   - part: What they are, as people know them.
  /// - Returns: The path of that file.
  /// - Throws: When they cannot be read, or there is no room for them.
  func part(of path: String, _ range: Range<Int>, as part: String) throws(Failure) -> String {
    let place = try place(for: "\(part) of \(name(of: path))")
    let file = try FileDescriptor.open(path, O_RDONLY)
    let target = try FileDescriptor.open(place, O_WRONLY | O_CREAT | O_EXCL)
    try target.setSize(range.count)
    var position = range.lowerBound
    while let data = file.nextData(from: position), data < range.upperBound {
      let bytes = try file.read(min(1 << 20, range.upperBound - data), at: data)
      guard !bytes.isEmpty else { break }
      if !bytes.areZeros { try target.write(bytes, at: data - range.lowerBound) }
      position = data + bytes.count
    }
    return place
  }

  /// What follows from an offset on, and what it is.
  func rest(of path: String, from offset: Int) throws(Failure) -> (path: String, kind: ImageKind) {
    let size = try FileDescriptor.open(path, O_RDONLY).size()
    let place = try part(of: path, offset..<size, as: "the second archive")
    return (place, try ImageKind(of: place))
  }
}

/// A file, read from its begin to its end.
private final class SequentialFile {
  private let file: FileDescriptor
  private var offset = 0

  init(_ file: consuming FileDescriptor) { self.file = file }

  func next() throws(Failure) -> [UInt8] {
    let bytes = try file.read(1 << 18, at: offset)
    offset += bytes.count
    return bytes
  }
}

extension [UInt8] {
  /// Whether there is nothing but zeros: each byte is the one before it, as the C library compares them fastest.
  fileprivate var areZeros: Bool {
    withUnsafeBytes { all in
      guard let start = all.baseAddress, all[0] == 0 else { return all.isEmpty }
      return memcmp(start, start + 1, all.count - 1) == 0
    }
  }
}
