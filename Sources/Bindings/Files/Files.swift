package import Glibc
package import Model

/// Whole-file and whole-folder operations on paths, by the C library.
package enum Files {
  /// Reads a regular file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - limit: How many bytes it may have.
  /// - Returns: All of them.
  /// - Throws: When it cannot be read, is not a regular file, or is larger. Whoever has made it, nothing is waited for.
  package static func read(_ path: String, limit: Int = Limits.text) throws(Failure) -> [UInt8] {
    try FileDescriptor.openRegular(path).readAll(limit: limit, path)
  }

  package static func readText(_ path: String) throws(Failure) -> String {
    String(decoding: try read(path), as: UTF8.self)
  }

  /// Reads what a person has named for input.
  ///
  /// A shell passes what a command writes as a pipe in `/dev/fd`: `<(…)`. A pipe that lies around elsewhere would keep us
  /// waiting.
  ///
  /// - Parameters:
  ///   - path: The file; `-` for standard input.
  ///   - limit: How many bytes it may have.
  /// - Returns: All of them.
  /// - Throws: When it cannot be read, or has more.
  package static func readInput(_ path: String, limit: Int = Limits.text) throws(Failure) -> [UInt8]
  {
    guard path != "-" else { return try readStandardInput(limit: limit) }
    let isOpen = ["/dev/fd/", "/dev/stdin", "/proc/self/fd/"].contains { path.hasPrefix($0) }
    guard isOpen else { return try read(path, limit: limit) }
    return try FileDescriptor.open(path, O_RDONLY).readAll(limit: limit, path)
  }

  /// Writes a file anew.
  ///
  /// The mode is set exactly, whatever the umask.
  package static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644)
    throws(Failure)
  {
    let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
    do { try file.write(bytes) } catch {
      throw Failure(error.operation, path, cause: error.cause, code: error.code)
    }
    guard fchmod(file.raw, mode) == 0 else { throw .system("set the mode of", path) }
  }

  /// Writes a file of our own so that it is either whole or not there: beside, then renamed over.
  ///
  /// What a person has named is for `writeOutput`.
  package static func writeAtomically(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600)
    throws(Failure)
  {
    let temporary = "\(path).\(getpid()).\(UInt32.random(in: .min ... .max)).new"
    do {
      try write(bytes, to: temporary, mode: mode)
      try rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  package static func rename(_ path: String, to target: String) throws(Failure) {
    guard Glibc.rename(path, target) == 0 else { throw .system("rename", "\(path) to \(target)") }
  }

  package static func exists(_ path: String) -> Bool {
    var info = stat()
    return lstat(path, &info) == 0
  }

  package static func information(_ path: String) throws(Failure) -> stat {
    var info = stat()
    guard lstat(path, &info) == 0 else { throw .system("inspect", path) }
    return info
  }

  /// What a symbolic link of our own or the kernel's says: one that is UTF-8.
  package static func linkTarget(_ path: String) throws(Failure) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &buffer, buffer.count)
    guard count >= 0 else { throw .system("read the link", path) }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Makes a folder and those above it.
  ///
  /// The mode is for the folders that are made.
  package static func makeDirectories(_ path: String, mode: mode_t = 0o755) throws(Failure) {
    var info = stat()
    if stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR { return }
    if let (parent, _) = path.cut(atLast: "/"), !parent.isEmpty {
      try makeDirectories(parent, mode: mode)
    }
    guard mkdir(path, mode) == 0 || errno == EEXIST else {
      throw .system("create the directory", path)
    }
  }

  /// A new folder of its own under `parent`, with a name that begins with `prefix`.
  package static func makeTemporaryDirectory(in parent: String, prefix: String) throws(Failure)
    -> String
  {
    var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw .system("create a directory in", parent) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
