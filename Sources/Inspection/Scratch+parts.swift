internal import Files
internal import Glibc
internal import Model

extension Scratch {
  /// The file without its compression.
  func decompressed(_ path: String, by program: String) throws(Failure) -> String {
    let place = try place(for: "what is compressed in \(name(of: path))")
    let package = program == "xz" ? "xz-utils" : program
    try run([program, "-dc", path], from: package, to: place)
    return place
  }

  /// A disk in another format as its own bytes.
  func raw(_ path: String, format: String) throws(Failure) -> String {
    let place = try place(for: "the disk in \(name(of: path))")
    try run(
      ["qemu-img", "convert", "-f", format, "-O", "raw", path, place], from: "qemu-utils")
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
      if bytes.contains(where: { $0 != 0 }) {
        try target.write(bytes, at: data - range.lowerBound)
      }
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
