package import Files
internal import Glibc
package import Model

/// What files say. Their names are bytes: as a text, one that is not UTF-8 would be another file's.
extension Walk {
  /// Opens a regular file to read it.
  ///
  /// - Parameter entry: The file.
  /// - Returns: The open file.
  /// - Throws: When it cannot be opened.
  package func open(_ entry: Entry) throws(Failure) -> FileDescriptor {
    let path = whole(entry.path)
    let raw = withCPath(path) { Glibc.open($0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) }
    guard raw >= 0 else { throw .system("open", text(path)) }
    return FileDescriptor(owning: raw)
  }

  /// What a symbolic link says.
  ///
  /// - Parameter entry: The link.
  /// - Returns: The bytes of its target.
  /// - Throws: When it cannot be read.
  package func linkTarget(of entry: Entry) throws(Failure) -> [UInt8] {
    let path = whole(entry.path)
    // No file system of Linux keeps longer ones (PATH_MAX).
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = withCPath(path) { readlink($0, &buffer, buffer.count) }
    guard count >= 0 else { throw .system("read the link", text(path)) }
    return buffer[..<count].map { UInt8(bitPattern: $0) }
  }

  /// A file's path for people.
  package func label(of entry: Entry) -> String { text(whole(entry.path)) }
}
