internal import Files
internal import Glibc
internal import Model
internal import Synchronization

/// A file that keeps logins, read only where no other user can have written it.
package enum LoginFile {
  /// The largest that is read, in bytes; such files have some hundred.
  private static let limit = 1 << 20

  /// The bytes of such a file; nil where there is none, or it is not to be trusted.
  static func read(_ path: String) -> [UInt8]? {
    guard distrust(path) == nil else { return nil }
    let raw = retrying { open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) }
    guard raw >= 0 else { return nil }
    let file = FileDescriptor(owning: raw)
    var information = stat()
    guard fstat(file.raw, &information) == 0, distrust(of: information, path) == nil
    else { return nil }
    return try? file.read(min(limit, Int(information.st_size)), at: 0)
  }

  /// Why a file that is there is not read; nil where it is read, or not there.
  static func distrust(_ path: String) -> String? {
    var information = stat()
    guard stat(path, &information) == 0 else { return nil }
    return distrust(of: information, path)
  }

  private static func distrust(of information: stat, _ path: String) -> String? {
    guard information.st_mode & S_IFMT == S_IFREG else { return "it is not a regular file" }
    guard isTrusted(information.st_uid, path) else { return "it belongs to another user" }
    guard information.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
      return "others can write to it: chmod go-w"
    }
    return nil
  }

  /// Whether a file's owner is this user, root, or who has called root by sudo(8).
  private static func isTrusted(_ owner: uid_t, _ path: String) -> Bool {
    if [0, geteuid()].contains(owner) { return true }
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    guard UserNamespace.isOwn else {
      return geteuid() == 0 && variable("SUDO_UID").flatMap { uid_t($0) } == owner
    }
    // There, root's files are nobody's, as are those of all other users.
    if let owners = outside.withLock({ $0 }) { return owners[ByteString(path)] == 0 }
    // In a container, what is in a home is its owner's; who has mounted the rest, the container's maker knows.
    return owner == 65_534 && !path.begins(with: (variable("HOME") ?? "/root") + "/")
  }

  /// Who owned the files outside of the user namespace that this process has entered; nil as long as it has not.
  private static let outside = Mutex<[ByteString: uid_t]?>(nil)

  /// Who started the program, learnt before it may become root of a user namespace.
  static let user = getuid()

  /// Notes who this user is and whose the files with logins are, before this process enters a user namespace.
  package static func noteOwners() {
    _ = user
    var owners: [ByteString: uid_t] = [:]
    for path in Logins.files + HostLogins.files {
      var information = stat()
      if stat(path, &information) == 0 { owners[ByteString(path)] = information.st_uid }
    }
    outside.withLock { [owners] in $0 = owners }
  }
}
