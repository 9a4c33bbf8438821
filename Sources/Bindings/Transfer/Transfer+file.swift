internal import Files
internal import Glibc
internal import Model

extension Transfer {
  /// Reads a regular file of this machine, as far as it was long when it was opened.
  ///
  /// libcurl would wait for a FIFO, and read a device without an end.
  func readFile(
    _ address: Address, from offset: Int,
    receive: (_ bytes: UnsafeRawBufferPointer, _ restarted: Bool) -> Bool
  ) throws(Problem) {
    func problem(_ cause: String) -> Problem { Problem(cause: cause, isTransient: false) }
    guard let path = address.filePath else { throw problem("its path is invalid") }
    let name = path.bytes.map { CChar(bitPattern: $0) } + [0]
    var information = stat()
    guard stat(name, &information) == 0 else {
      throw problem(String(cString: strerror(errno)))
    }
    // Before it is opened, since that already does something to some devices.
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw problem("it is not a regular file")
    }
    let raw = retrying { open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) }
    guard raw >= 0 else { throw problem(String(cString: strerror(errno))) }
    let file = FileDescriptor(owning: raw)
    guard fstat(file.raw, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
      throw problem("it is not a regular file")
    }
    var place = offset
    let size = Int(information.st_size)
    while place < size {
      let bytes: [UInt8]
      do { bytes = try file.read(min(1 << 20, size - place), at: place) } catch {
        throw problem(error.cause)
      }
      if bytes.isEmpty { return }
      guard bytes.withUnsafeBytes({ receive($0, false) }) else {
        throw problem("it was interrupted")
      }
      place += bytes.count
    }
  }
}
