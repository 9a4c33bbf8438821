internal import Files
internal import Glibc
internal import Model
internal import StageContracts

extension Disk {
  /// Copies a finished file system to its place, its holes as holes.
  ///
  /// A partition begins at a whole mebibyte, so that a file system of the host that can share blocks
  /// does so.
  func copy(_ source: String, to place: Layout.Extent, in image: String) throws(Failure) {
    let target = try FileDescriptor.open(image, O_WRONLY)
    do {
      try FileDescriptor.open(source, O_RDONLY).copy(to: target, at: place.start)
    } catch { throw Failure("copy \(source) into", image, cause: error.cause, code: error.code) }
  }
}
