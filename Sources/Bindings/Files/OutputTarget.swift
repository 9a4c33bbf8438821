internal import CLinux
internal import Glibc
package import Model

/// What a name stands for that a person gave for an output.
package enum OutputTarget: Sendable, Equatable {
  /// One of this process's open files: `/dev/stdout`, `/dev/fd/3`.
  case descriptor(Int32)
  /// A character device or a pipe, which is written into and stays what it is.
  case stream(String)
  /// A regular file or a free name, with symbolic links followed: the links stay.
  case file(String)

  /// - Parameter path: As the person gave it.
  /// - Throws: For what cannot take an output: a directory, a socket, a disk, a link that leads nowhere. `code` is nil then,
  ///   as the machine is not to blame.
  package init(_ path: String) throws(Failure) {
    func refusal(_ cause: String, _ remedy: String) -> Failure {
      Failure("write", path, cause: cause, remedy: remedy)
    }
    guard let last = path.utf8.last else {
      throw refusal("the name is empty", "name a file")
    }
    if last == UInt8(ascii: "/") {
      throw refusal("it names a directory", "name a file in it")
    }
    var place = path
    // As many as the kernel follows (path_resolution(7)).
    for step in 0..<40 {
      if let number = Self.openFile(place) {
        self = .descriptor(number)
        return
      }
      var info = stat()
      guard lstat(place, &info) == 0 else {
        guard errno == ENOENT else { throw .system("write", path) }
        guard step == 0 else {
          throw refusal(
            "it is a symbolic link to \(place), which does not exist",
            "create that file first, or remove the link")
        }
        self = .file(place)
        return
      }
      switch info.st_mode & S_IFMT {
      case S_IFLNK:
        let folder = Files.directory(of: place)
        // A link of the kernel's leads to an open file, whatever it says.
        if particle_filesystem_type(folder) == Self.procfs {
          self = .stream(place)
          return
        }
        let text = try Files.linkTarget(place)
        place = text.utf8.first == UInt8(ascii: "/") ? text : folder + "/" + text
      case S_IFREG:
        self = .file(place)
        return
      case S_IFCHR, S_IFIFO:
        self = .stream(place)
        return
      case S_IFDIR:
        throw refusal("it is a directory", "name a file in it")
      case S_IFBLK:
        throw refusal("it is a block device", "write to a file, and copy that to the device")
      default: throw refusal("it is a socket", "name a file")
      }
    }
    throw refusal("too many symbolic links", "name the file that they point to")
  }

  /// `PROC_SUPER_MAGIC` in linux/magic.h.
  private static let procfs = 0x9fa0

  /// The number of the open file that a name in /dev or /proc stands for.
  ///
  /// They are known by name: opened again, a file would be written from its start, and a socket not at all.
  private static func openFile(_ path: String) -> Int32? {
    switch path {
    case "/dev/stdout": return 1
    case "/dev/stderr": return 2
    default: break
    }
    for prefix in ["/dev/fd/", "/proc/self/fd/", "/proc/\(getpid())/fd/"]
    where path.utf8.starts(with: prefix.utf8) {
      return Int32(String(decoding: path.utf8.dropFirst(prefix.utf8.count), as: UTF8.self))
    }
    return nil
  }
}

extension Files {
  /// The directory that a path's last name is in.
  package static func directory(of path: String) -> String {
    let slash = UInt8(ascii: "/")
    guard let last = path.utf8.lastIndex(of: slash) else { return "." }
    return last == path.utf8.startIndex ? "/" : String(path[..<last])
  }
}
