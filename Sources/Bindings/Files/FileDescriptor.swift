internal import CLinux
internal import Glibc
package import Model

/// An open file; closed when it goes out of scope.
package struct FileDescriptor: ~Copyable {
  package let raw: Int32

  package init(owning raw: Int32) { self.raw = raw }

  deinit { close(raw) }

  /// What the kernel calls the file, for a failure (proc_pid_fd(5)).
  package var title: String {
    let before = errno
    defer { errno = before }
    var buffer = [CChar](repeating: 0, count: Limits.path)
    let count = readlink("/proc/self/fd/\(raw)", &buffer, buffer.count)
    guard count > 0 else { return "file descriptor \(raw)" }
    return ByteString(buffer[..<count].map { UInt8(bitPattern: $0) }).abridged
  }

  /// Opens a file.
  ///
  /// Close-on-exec is always set.
  package static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0o666) throws(Failure)
    -> FileDescriptor
  {
    let raw = retrying { Glibc.open(path, flags | O_CLOEXEC, mode) }
    guard raw >= 0 else { throw .system("open", path) }
    return FileDescriptor(owning: raw)
  }

  /// A file without a name, in memory.
  package static func inMemory(_ bytes: [UInt8] = []) throws(Failure) -> FileDescriptor {
    let raw = particle_memory_file("particle")
    guard raw >= 0 else { throw .system("create", "a file in memory") }
    let file = FileDescriptor(owning: raw)
    try file.write(bytes)
    lseek(raw, 0, SEEK_SET)
    return file
  }

  package func write(_ bytes: [UInt8]) throws(Failure) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        retrying { Glibc.write(raw, buffer.baseAddress?.advanced(by: done), bytes.count - done) }
      }
      guard count >= 0 else { throw .system("write", title) }
      done += count
    }
  }

  /// Up to `count` bytes from an offset; fewer only at the file's end.
  package func read(_ count: Int, at offset: Int) throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        retrying { pread(raw, buffer.baseAddress?.advanced(by: done), count - done, offset + done) }
      }
      guard got >= 0 else { throw .system("read", title) }
      if got == 0 { break }
      done += got
    }
    return Array(bytes[..<done])
  }

  /// All bytes from the beginning, of what this program has made itself.
  package func readAll() throws(Failure) -> [UInt8] {
    try readAll(limit: .max, "a temporary file")
  }

  /// All bytes from the beginning, at most so many.
  ///
  /// - Parameters:
  ///   - limit: How many there may be. No more than that is ever in memory.
  ///   - name: What the file is called in a failure.
  /// - Returns: The bytes.
  /// - Throws: When it cannot be read, or has more.
  package func readAll(limit: Int, _ name: String) throws(Failure) -> [UInt8] {
    // Before a gigabyte is read for nothing.
    let known = try size()
    guard known <= limit else {
      throw Failure("read", name, cause: "it has \(known) bytes, but the limit is \(limit)")
    }
    lseek(raw, 0, SEEK_SET)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = retrying { Glibc.read(raw, &chunk, chunk.count) }
      guard count >= 0 else { throw .system("read", name) }
      if count == 0 { return bytes }
      guard count <= limit - bytes.count else {
        throw Failure("read", name, cause: "it has more than \(limit) bytes, the limit")
      }
      bytes += chunk[..<count]
    }
  }
}

/// Calls again while the call says it was interrupted.
package func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}

extension Failure {
  /// A failed system call; the cause is `errno`, read now.
  package static func system(_ operation: String, _ object: String) -> Failure {
    let code = errno
    return Failure(operation, object, cause: String(cString: strerror(code)), code: code)
  }
}
