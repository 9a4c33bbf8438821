internal import Glibc
package import Model

extension FileDescriptor {
  /// Opens what has to be a regular file, where somebody else may have put anything: opening a pipe would wait for whoever
  /// writes, and a device may have no end.
  ///
  /// - Throws: When it is something else.
  package static func openRegular(_ path: String, _ flags: Int32 = O_RDONLY) throws(Failure)
    -> FileDescriptor
  {
    let file = try open(path, flags | O_NONBLOCK | O_NOCTTY)
    try file.requireRegular(path)
    return file
  }

  /// Refuses anything but a regular file.
  ///
  /// - Parameter name: What it is called in a failure.
  /// - Throws: When it is something else.
  package func requireRegular(_ name: String) throws(Failure) {
    var info = stat()
    guard fstat(raw, &info) == 0 else { throw .system("inspect", name) }
    let kind: String
    switch info.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: kind = "a directory"
    case S_IFIFO: kind = "a named pipe"
    case S_IFCHR, S_IFBLK: kind = "a device"
    default: kind = "a socket"
    }
    throw Failure("read", name, cause: "it is \(kind), not a regular file")
  }
}
