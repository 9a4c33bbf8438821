internal import CLinux
internal import Glibc
internal import Model

/// A way through a tree of any depth, in which paths may be longer than the kernel takes: one folder is open at a
/// time, and going back up is checked.
struct Descent: ~Copyable {
  /// Where it is now.
  private(set) var folder: FileDescriptor
  private let root: String
  private var above: [Level] = []

  private struct Level {
    var device: dev_t
    var inode: ino_t
    /// Of the folder that was entered from here.
    var name: ByteString
  }

  init(_ root: Spot) throws(Failure) {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let raw = root.name.withCString { openat(root.folder, $0, flags) }
    guard raw >= 0 else { throw .system("open", root.label) }
    folder = FileDescriptor(owning: raw)
    self.root = root.label
  }

  /// How far below the root it is.
  var depth: Int { above.count }

  /// A path for people.
  func label(_ name: ByteString? = nil) -> String {
    let names = above.map(\.name) + (name.map { [$0] } ?? [])
    guard let first = names.first else { return root }
    let path = names.dropFirst().reduce(into: first.bytes) { path, name in
      path.append(UInt8(ascii: "/"))
      path += name.bytes
    }
    return "\(root)/\(ByteString(path).abridged)"
  }

  func information() throws(Failure) -> stat {
    var info = stat()
    guard fstat(folder.raw, &info) == 0 else { throw .system("inspect", label()) }
    return info
  }

  /// Goes into a folder of this one, unless something else is mounted there: that is not the tree's.
  mutating func enter(_ name: ByteString) throws(Failure) {
    let here = try information()
    let raw = name.withCString { name in
      retrying {
        particle_open_within_mount(folder.raw, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      }
    }
    guard raw >= 0 else {
      let failure = Failure.system("open", label(name))
      guard failure.code == EXDEV else { throw failure }
      throw Failure(
        "open", label(name), cause: "something is mounted there", remedy: "unmount it: umount",
        code: EXDEV)
    }
    folder = FileDescriptor(owning: raw)
    above.append(Level(device: here.st_dev, inode: here.st_ino, name: name))
  }

  /// Goes back to the folder it came from.
  ///
  /// - Returns: What the one that it was in is called there.
  mutating func leave() throws(Failure) -> ByteString {
    let raw = openat(folder.raw, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard raw >= 0 else { throw .system("open the parent directory of", label()) }
    let parent = FileDescriptor(owning: raw)
    var info = stat()
    guard fstat(raw, &info) == 0 else {
      throw .system("read the attributes of the parent directory of", label())
    }
    guard let level = above.last, level.inode == info.st_ino, level.device == info.st_dev else {
      throw Failure("go back from", label(), cause: "it was moved in the meantime")
    }
    folder = parent
    above.removeLast()
    return level.name
  }
}
