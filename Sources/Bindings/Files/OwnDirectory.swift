internal import Glibc
package import Model

/// A directory for what this user alone may write: others could put something there that is then believed.
package enum OwnDirectory {
  /// Makes the directory, with those above it; or checks that the one there belongs to this user, and closes it.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - mode: Its permission bits; one that is there loses those it has beyond them.
  ///   - purpose: What it is, for the message: `the store`.
  ///   - remedy: How another is chosen.
  /// - Throws: When somebody else could have filled it, and when it cannot be made.
  package static func open(_ path: String, mode: UInt32, purpose: String, remedy: String)
    throws(Failure)
  {
    var info = stat()
    guard lstat(path, &info) == 0 else {
      guard errno == ENOENT else { throw .system("use", "\(purpose) \(path)") }
      try Files.makeDirectories(Files.directory(of: path))
      guard mkdir(path, mode) == 0 || errno == EEXIST else { throw .system("make", path) }
      guard lstat(path, &info) == 0 else { throw .system("use", "\(purpose) \(path)") }
      return try check(path, info, mode: mode, purpose, remedy)
    }
    try check(path, info, mode: mode, purpose, remedy)
  }

  private static func check(
    _ path: String, _ named: stat, mode: UInt32, _ purpose: String, _ remedy: String
  ) throws(Failure) {
    func refusal(_ cause: String, _ remedy: String) -> Failure {
      Failure("use", "\(purpose) \(path)", cause: cause, remedy: remedy)
    }
    let own = geteuid()
    var info = named
    if named.st_mode & S_IFMT == S_IFLNK {
      guard named.st_uid == own else {
        throw refusal("it is a symbolic link created by another user", remedy)
      }
      guard stat(path, &info) == 0 else { throw .system("use", "\(purpose) \(path)") }
    }
    guard info.st_mode & S_IFMT == S_IFDIR else { throw refusal("it is not a directory", remedy) }
    guard info.st_uid == own else {
      throw refusal("it belongs to another user, who could change its contents", remedy)
    }
    let bits = info.st_mode & 0o7777
    guard bits & ~mode != 0 else { return }
    let isOpen = bits & 0o002 != 0
    guard !isOpen || !isForEverybody(path) else {
      throw refusal("every user needs that directory", remedy)
    }
    guard chmod(path, bits & mode) == 0 else { throw .system("set the mode of", path) }
    // Looked at when it is closed: from then on, nobody puts anything into it. A file system in memory begins open to all;
    // where the sticky bit is set, others could not touch what is ours.
    let isSticky = bits & 0o1000 != 0
    let names = isOpen ? try Files.names(in: path) : []
    let isOurs = names.allSatisfy { name in
      isSticky && (try? Files.information("\(path)/\(name)").st_uid) == own
    }
    guard isOurs else {
      chmod(path, bits)
      throw refusal(
        "every user can write to it, and could have put files there",
        remedy + "; or empty it and run: chmod 700 \(shellWord(path))")
    }
  }

  private static func isForEverybody(_ path: String) -> Bool {
    guard let real = realpath(path, nil) else { return false }
    defer { free(real) }
    return ["/tmp", "/var/tmp", "/dev/shm"].contains(String(cString: real))
  }

  /// The directory for what can be made again: `$XDG_CACHE_HOME`, else `~/.cache`.
  ///
  /// A relative `XDG_CACHE_HOME` does not count, as the XDG Base Directory Specification says. Where `HOME` is not set, the
  /// home directory is the one in /etc/passwd.
  ///
  /// - Parameter remedy: How a directory is named that serves instead.
  /// - Returns: Its absolute path.
  /// - Throws: When the user has no home directory.
  package static func userCache(remedy: String) throws(Failure) -> String {
    func absolute(_ text: String?) -> String? {
      text.flatMap { $0.utf8.first == UInt8(ascii: "/") ? $0 : nil }
    }
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    if let folder = absolute(variable("XDG_CACHE_HOME")) { return folder }
    if let home = absolute(variable("HOME")) ?? absolute(homeInPasswd()) { return home + "/.cache" }
    throw Failure(
      "find", "a directory for the cache",
      cause: "HOME is not set, and /etc/passwd has no home directory of the user \(getuid())",
      remedy: "set HOME, or \(remedy)")
  }

  private static func homeInPasswd() -> String? {
    let user = String(getuid())
    for line in ((try? Files.readText("/etc/passwd")) ?? "").split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      if fields.count >= 6, fields[2] == user { return String(fields[5]) }
    }
    return nil
  }
}
