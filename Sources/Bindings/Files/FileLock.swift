internal import Glibc
package import Model

/// A lock on a file (flock(2)), given back when it goes out of scope or the process ends in any way.
package struct FileLock: ~Copyable {
  package enum Kind: Sendable { case shared, exclusive }

  private let file: FileDescriptor

  /// Waits until the lock is free, and takes it.
  ///
  /// The file is made where there is none.
  package init(_ path: String, _ kind: Kind) throws(Failure) {
    let file = try Self.open(path)
    let operation = kind == .shared ? LOCK_SH : LOCK_EX
    guard retrying({ flock(file.raw, operation) }) == 0 else { throw .system("lock", path) }
    self.file = file
  }

  /// Takes the lock when it is free; nil when another holds it.
  package static func attempt(_ path: String, _ kind: Kind) throws(Failure) -> FileLock? {
    let file = try open(path)
    let operation = (kind == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB
    if retrying({ flock(file.raw, operation) }) == 0 { return FileLock(file) }
    guard errno == EWOULDBLOCK else { throw .system("lock", path) }
    return nil
  }

  /// Whether the locked file still is the one with this name.
  package func isOn(_ path: String) -> Bool {
    var locked = stat()
    var named = stat()
    return fstat(file.raw, &locked) == 0 && lstat(path, &named) == 0
      && locked.st_ino == named.st_ino && locked.st_dev == named.st_dev
  }

  /// Only its owner can open it, and so hold it.
  private static func open(_ path: String) throws(Failure) -> FileDescriptor {
    try FileDescriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
  }

  private init(_ file: consuming FileDescriptor) { self.file = file }
}
