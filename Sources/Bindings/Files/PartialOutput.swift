internal import Glibc
package import Model

/// A file or a directory in the making, in the directory where it is to be: it is renamed when it is whole, and removed
/// otherwise.
///
/// Its name is short, so that the name it gets later may be as long as the file system allows. It is locked: what a killed
/// process leaves is not, and `removeLeftovers` removes it.
package struct PartialOutput: ~Copyable {
  /// Where it is made.
  package let path: String
  package let descriptor: FileDescriptor
  /// A directory's path as long as this value lives, whatever becomes of its name.
  package var inside: String { "/proc/self/fd/\(descriptor.raw)" }

  private init(path: String, descriptor: consuming FileDescriptor) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { try? Files.removeTree(path) }

  /// An empty file that only this user may read.
  package static func file(in directory: String) throws(Failure) -> PartialOutput {
    try make(in: directory) { path in
      retrying { open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
    }
  }

  /// An empty directory that only this user may enter; what it is made for is a name in it.
  package static func directory(in directory: String) throws(Failure) -> PartialOutput {
    try make(in: directory) { path in
      guard mkdir(path, 0o700) == 0 else { return -1 }
      let raw = retrying { open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
      // Another process has taken it for a leftover before it was opened: another name, then.
      if raw < 0, errno == ENOENT { errno = EEXIST }
      return raw
    }
  }

  private static func make(in directory: String, _ open: (String) -> Int32) throws(Failure)
    -> PartialOutput
  {
    while true {
      let path = "\(directory)/\(newName())"
      let raw = open(path)
      if raw < 0, errno == EEXIST { continue }
      guard raw >= 0 else { throw .system("write to", directory) }
      let new = PartialOutput(path: path, descriptor: FileDescriptor(owning: raw))
      // Another process may have taken it for a leftover before it was locked.
      guard flock(raw, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { continue }
      var info = stat()
      if lstat(path, &info) == 0 { return new }
    }
  }

  /// Puts a file in its place, at once.
  ///
  /// - Parameters:
  ///   - target: Its name, in the same directory.
  ///   - replaceable: What of that name may be replaced.
  ///   - mode: Its permission bits, exactly.
  /// - Throws: When something else has the name, or it cannot be renamed.
  package consuming func place(
    at target: String, insteadOf replaceable: Files.Replaceable, mode: UInt32
  ) throws(Failure) {
    guard fchmod(descriptor.raw, mode) == 0 else { throw .system("set the mode of", target) }
    // What was there goes with this value.
    try Files.put(path, at: target, insteadOf: replaceable)
  }

  /// Removes from a directory what killed processes of this user have left there.
  package static func removeLeftovers(in directory: String) {
    for name in (try? Files.names(in: directory)) ?? [] where isName(name) {
      let path = "\(directory)/\(name)"
      var info = stat()
      guard lstat(path, &info) == 0, info.st_uid == geteuid(),
        [S_IFREG, S_IFDIR].contains(info.st_mode & S_IFMT)
      else { continue }
      let raw = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard raw >= 0 else { continue }
      let file = FileDescriptor(owning: raw)
      if flock(file.raw, LOCK_EX | LOCK_NB) == 0 { try? Files.removeTree(path) }
    }
  }

  private static let prefix = ".particle-"
  private static let digits = 16

  private static func newName() -> String {
    let number = String(UInt64.random(in: .min ... .max), radix: 16)
    return prefix + String(repeating: "0", count: digits - number.utf8.count) + number
  }

  /// Whether a name is one of those that are given here.
  private static func isName(_ name: String) -> Bool {
    let hexadecimal = Array("0123456789abcdef".utf8)
    let bytes = Array(name.utf8)
    return bytes.starts(with: prefix.utf8) && bytes.count == prefix.utf8.count + digits
      && bytes.suffix(digits).allSatisfy(hexadecimal.contains)
  }
}
