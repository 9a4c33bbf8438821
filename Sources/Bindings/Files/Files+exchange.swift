internal import CLinux
internal import Glibc
package import Model

extension Files {
  /// What has a name at one moment: enough to know later whether something else has it.
  package struct Occupant: Sendable, Equatable {
    private let device: UInt
    private let inode: UInt
    fileprivate let isFile: Bool

    /// - Returns: Nil where nothing has the name.
    package init?(_ path: String) {
      var info = stat()
      guard lstat(path, &info) == 0 else { return nil }
      device = UInt(info.st_dev)
      inode = UInt(info.st_ino)
      isFile = info.st_mode & S_IFMT == S_IFREG
    }
  }

  /// What may be replaced by something that is put in its place.
  package enum Replaceable: Sendable {
    /// What was there when somebody looked whether it may go; nil for nothing.
    case only(Occupant?)
    /// Nothing, or a regular file, whichever it is.
    case anyFile

    fileprivate func allows(_ occupant: Occupant?) -> Bool {
      switch self {
      case .only(let other): occupant == other
      case .anyFile: occupant?.isFile ?? true
      }
    }
  }

  /// Puts a file or folder in a place, at once, whatever comes and goes there meanwhile.
  ///
  /// - Parameters:
  ///   - path: What is put there. What was there is here afterwards.
  ///   - target: The place, on the same file system.
  ///   - replaceable: What may be replaced.
  /// - Throws: When something else is there, which stays as it is.
  package static func put(_ path: String, at target: String, insteadOf replaceable: Replaceable)
    throws(Failure)
  {
    // Whoever makes and removes the place again and again does not hold us for ever.
    for _ in 0..<1000 {
      let occupant = Occupant(target)
      guard replaceable.allows(occupant) else { break }
      if occupant == nil {
        if particle_rename_to_free(path, target) == 0 { return }
        if errno == EEXIST { continue }
      } else {
        if particle_exchange(path, target) == 0 {
          if replaceable.allows(Occupant(path)) { return }
          guard particle_exchange(path, target) == 0 else { throw .system("put back", target) }
          continue
        }
        if errno == ENOENT { continue }
      }
      // Not every file system has these two calls: there a moment stays in between.
      guard [EINVAL, ENOSYS, ENOTSUP].contains(errno) else {
        throw .system("rename", "\(path) to \(target)")
      }
      return try rename(path, to: target)
    }
    throw Failure(
      "replace", target, cause: "something else has taken its place meanwhile",
      remedy: "find out what writes there, or choose another location")
  }
}
