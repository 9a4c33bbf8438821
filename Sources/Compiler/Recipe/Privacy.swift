internal import Files
internal import Glibc
package import Model

/// That the permissions of a file, or of a folder that it is in, keep others from reading it.
///
/// Git knows of no permission but to execute, so that a checkout's others come from the umask under which it was made:
/// they say nothing where the recipe itself is as closed, as it is under umask 077.
package struct Privacy: Sendable, Equatable {
  /// The folder that is closed, its path as messages have it; nil for the file itself.
  package var folder: String?
  package var mode: FileMode

  /// What is usual where a recipe is.
  struct Custom {
    /// Whether others may read the file that names the source.
    var isOpen: Bool

    init(isOpen: Bool) { self.isOpen = isOpen }

    /// - Parameter file: The recipe, or the file of modules that names a source.
    init(of file: String?) {
      var info = stat()
      // What comes through a pipe has no permissions that a person gave it.
      let isFile = file.map { stat($0, &info) == 0 && info.st_mode & S_IFMT == S_IFREG } ?? false
      isOpen = isFile && info.st_mode & S_IROTH != 0
    }

    /// Whether something was closed on purpose: it is not open, and what is around it is; or nobody, not even its
    /// owner, may write to it, which no umask comes to.
    func isClosed(_ mode: mode_t, in folder: mode_t?) -> Bool {
      let isFolder = mode & S_IFMT == S_IFDIR
      guard mode & (isFolder ? S_IXOTH : S_IROTH) == 0 else { return false }
      let isAround = folder.map { $0 & S_IXOTH != 0 } ?? false
      return isOpen || isAround || (!isFolder && mode & (S_IWUSR | S_IWGRP | S_IWOTH) == 0)
    }
  }

  /// The mode that keeps it as closed as it is.
  func mode(isExecutable: Bool) -> FileMode {
    folder == nil ? FileMode(bits: mode.bits & 0o777) : FileMode(bits: isExecutable ? 0o700 : 0o600)
  }
}
