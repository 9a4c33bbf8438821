internal import Files
internal import Glibc
internal import Model

/// A file that keeps logins, read only where no other user can have written it.
enum LoginFile {
  /// The largest that is read, in bytes; such files have some hundred.
  private static let limit = 1 << 20

  /// The bytes of such a file; nil where there is none, or it is not to be trusted.
  static func read(_ path: String) -> [UInt8]? {
    guard distrust(path) == nil else { return nil }
    let raw = retrying { open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) }
    guard raw >= 0 else { return nil }
    let file = FileDescriptor(owning: raw)
    var information = stat()
    guard fstat(file.raw, &information) == 0, distrust(of: information) == nil else { return nil }
    return try? file.read(min(limit, Int(information.st_size)), at: 0)
  }

  /// Why a file that is there is not read; nil where it is read, or not there.
  static func distrust(_ path: String) -> String? {
    var information = stat()
    guard stat(path, &information) == 0 else { return nil }
    return distrust(of: information)
  }

  private static func distrust(of information: stat) -> String? {
    guard information.st_mode & S_IFMT == S_IFREG else { return "it is not a regular file" }
    // Root reads what it is told to, by HOME too; others read their own and root's.
    guard [0, geteuid()].contains(information.st_uid) || geteuid() == 0 else {
      return "it belongs to another user"
    }
    guard information.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
      return "others can write to it: chmod go-w"
    }
    return nil
  }
}
