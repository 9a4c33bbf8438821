package import Model

/// The readers of images that need no program beside them, each by itself: for tests that give them any bytes.
package enum ForeignBytes {
  /// Reads a cpio archive.
  package static func cpio(_ path: String) throws(Failure) {
    var reading = CpioReading()
    _ = try reading.read(path)
    try reading.hash()
  }

  /// Reads a layout of OCI images.
  package static func containerImages(in folder: String) throws(Failure) {
    for image in try ContainerImage.all(in: try OCILayout(folder: folder)) {
      _ = try ContainerImage.lines(image.configuration)
    }
  }

  /// Reads what sfdisk says of a disk `/disk` of so many bytes.
  package static func partitions(_ text: [UInt8], size: Int) throws(Failure) {
    _ = try PartitionTable(text, of: "/disk", size: size)?.gaps
  }
}
