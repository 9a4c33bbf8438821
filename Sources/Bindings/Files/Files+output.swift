internal import Glibc
package import Model

extension Files {
  /// The umask that this process was started with; it must be asked for before that is changed, and before there are
  /// threads.
  package static let userMask: UInt32 = {
    let mask = umask(0o022)
    umask(mask)
    return mask
  }()

  /// Writes a file where a person asked for it.
  ///
  /// A regular file is replaced as a whole, and through symbolic links it is the file at their end. What is neither (a
  /// device, a pipe, an open file such as `/dev/stdout`) is written into and stays what it is.
  ///
  /// - Parameters:
  ///   - bytes: The content.
  ///   - path: As the person gave it.
  ///   - mode: The permission bits of a file, without those of the umask.
  /// - Throws: When it cannot be written; a file is as it was then.
  package static func writeOutput(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o666)
    throws(Failure)
  {
    let target = try OutputTarget(path)
    do {
      switch target {
      case .descriptor(let number): try write(bytes, into: number)
      case .stream(let place):
        let file = try FileDescriptor.open(place, O_WRONLY | O_APPEND | O_NOCTTY)
        try file.write(bytes)
      case .file(let place):
        let folder = directory(of: place)
        PartialOutput.removeLeftovers(in: folder)
        let new = try PartialOutput.file(in: folder)
        try new.descriptor.write(bytes)
        try new.place(at: place, insteadOf: .anyFile, mode: mode & ~userMask)
      }
    } catch { throw outputFailure(error, path) }
  }

  /// Refuses what `writeOutput` would refuse, before there is anything to write.
  package static func checkOutput(_ path: String) throws(Failure) {
    guard case .file(let place) = try OutputTarget(path) else { return }
    guard access(directory(of: place), W_OK | X_OK) == 0 else {
      throw outputFailure(.system("write", path), path)
    }
  }

  private static func outputFailure(_ error: Failure, _ path: String) -> Failure {
    let remedy =
      switch error.code {
      case ENOENT: "create the directory first: mkdir -p \(shellWord(directory(of: path)))"
      case ENOSPC, EDQUOT: "free some space, or write to another location"
      case EACCES, EPERM, EROFS, ENOTDIR: "write to another location"
      default: error.remedy
      }
    return Failure("write", path, cause: error.cause, remedy: remedy, code: error.code)
  }

  /// Writes a file that is not there yet, whole or not at all.
  package static func create(_ path: String, _ bytes: [UInt8]) throws(Failure) {
    let new = try PartialOutput.file(in: directory(of: path))
    do throws(Failure) {
      try new.descriptor.write(bytes)
      guard fchmod(new.descriptor.raw, 0o666 & ~userMask) == 0, link(new.path, path) == 0 else {
        throw Failure.system("create", path)
      }
    } catch { throw outputFailure(error, path) }
  }

  /// Writes all bytes to an open file that is not ours to close.
  package static func write(_ bytes: [UInt8], into number: Int32) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { buffer in
        retrying { Glibc.write(number, buffer.baseAddress, buffer.count) }
      }
      if count < 0, errno == EAGAIN {
        // Whoever has the other end may have made it one that does not wait.
        var ready = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        poll(&ready, 1, -1)
        continue
      }
      guard count > 0 else { throw .system("write", streamName(number)) }
      rest = rest.dropFirst(count)
    }
  }

  /// All of standard input, whatever it is: a socket cannot be opened as `/dev/stdin`.
  static func readStandardInput(limit: Int) throws(Failure) -> [UInt8] {
    let raw = fcntl(0, F_DUPFD_CLOEXEC, 3)
    guard raw >= 0 else { throw .system("read", "standard input") }
    return try FileDescriptor(owning: raw).readAll(limit: limit, "standard input")
  }

  private static func streamName(_ number: Int32) -> String {
    switch number {
    case 1: "standard output"
    case 2: "standard error"
    default: "file descriptor \(number)"
    }
  }

  /// Makes a directory for outputs, and those above it, with the permissions that the person's umask gives.
  package static func makeOutputDirectory(_ path: String) throws(Failure) {
    var info = stat()
    if stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR { return }
    let above = directory(of: path)
    if above != path, lstat(above, &info) != 0 { try makeOutputDirectory(above) }
    guard mkdir(path, 0o700) == 0 else {
      if errno == EEXIST, stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR { return }
      throw .system("create the directory", path)
    }
    guard chmod(path, 0o777 & ~userMask) == 0 else { throw .system("set the mode of", path) }
  }
}
