internal import CLinux
package import Glibc
package import Model

/// A folder that is held open, so that what is opened beneath it is beneath this one whatever becomes of its name.
package final class OpenFolder: Sendable {
  /// Where it is, without links.
  package let path: ByteString
  private let raw: Int32

  /// - Parameter path: Leads there; links are followed.
  /// - Throws: When there is no such folder.
  package init(_ path: String) throws(Failure) {
    self.path = try Files.realPath(path)
    raw = retrying { Glibc.open(path, PARTICLE_O_PATH | O_DIRECTORY | O_CLOEXEC) }
    guard raw >= 0 else { throw .system("open", shown(path)) }
  }

  deinit { close(raw) }

  /// Opens a file or folder beneath this one, to be read; a FIFO does not make it wait.
  ///
  /// - Parameter names: From this folder on, without links.
  /// - Returns: The file.
  /// - Throws: When it is not there, and when the kernel finds that it is not beneath this folder.
  package func open(_ names: some Collection<ByteString>) throws(Failure) -> FileDescriptor {
    let below = names.reduce(ByteString("")) { $0.appending($1) }
    let path = below.isEmpty ? ByteString(".") : below
    let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY
    let file = retrying {
      (path.bytes + [0]).withUnsafeBufferPointer { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          particle_open_beneath(raw, $0.baseAddress, flags, 0)
        }
      }
    }
    guard file >= 0 else { throw .system("open", self.path.appending(below).shown) }
    return FileDescriptor(owning: file)
  }
}

extension Files {
  /// The absolute path of a file or folder, without links, `.` and `..`.
  package static func realPath(_ path: String) throws(Failure) -> ByteString {
    guard let real = realpath(path, nil) else { throw .system("find", shown(path)) }
    defer { free(real) }
    return ByteString(
      UnsafeBufferPointer(start: real, count: strlen(real)).map { UInt8(bitPattern: $0) })
  }

  /// The same for what is named on a program's command line, where names are texts.
  package static func namedPath(_ path: String) throws(Failure) -> String {
    guard let text = try realPath(path).text else {
      throw Failure(
        "use", shown(path), cause: "the name is not UTF-8", remedy: "rename it")
    }
    return text
  }
}

extension FileDescriptor {
  /// What fstat(2) says of it.
  package func information() throws(Failure) -> stat {
    var info = stat()
    guard fstat(raw, &info) == 0 else { throw .system("inspect", title) }
    return info
  }

  /// The bytes from its beginning on, as long as there are not more than `limit`; nil where there are.
  package func readAll(limit: Int) throws(Failure) -> [UInt8]? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = retrying { Glibc.read(raw, &chunk, chunk.count) }
      guard count >= 0 else { throw .system("read", title) }
      if count == 0 { return bytes }
      guard count <= limit - bytes.count else { return nil }
      bytes += chunk[..<count]
    }
  }

  /// The names in this folder, sorted by their bytes.
  package func names() throws(Failure) -> [ByteString] {
    let copy = fcntl(raw, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0, let stream = fdopendir(copy) else { throw .system("list", "a directory") }
    defer { closedir(stream) }
    rewinddir(stream)
    var names: [ByteString] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
        ByteString(raw.prefix { $0 != 0 })
      }
      if name != "." && name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw .system("list", "a directory") }
    return names.sorted()
  }
}
