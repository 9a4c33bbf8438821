internal import CLinux
internal import Glibc
package import Model

extension Files {
  /// Puts a file or folder in a place, at once, and what was there where it came from.
  ///
  /// - Returns: Whether something was there.
  /// - Throws: When the two names are not on one file system.
  package static func exchange(_ path: String, with target: String) throws(Failure) -> Bool {
    if particle_exchange(path, target) == 0 { return true }
    guard errno == ENOENT else { throw .system("rename", "\(path) to \(target)") }
    try rename(path, to: target)
    return false
  }
}
