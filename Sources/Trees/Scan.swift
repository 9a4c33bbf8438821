internal import Files
internal import Glibc
internal import Model

/// What a layer's tree may have.
///
/// Beyond that a stage's result is refused, and not left in the store for later steps to stumble over.
package enum TreeLimits {
  /// Of a path, in bytes.
  ///
  /// The kernel takes 4095 in one call (PATH_MAX), and stages and tools name a file with their own path of the tree
  /// before it.
  package static let path = 4000
  /// Of one file: ext4's (EXT4_LINK_MAX), the smallest of the file systems that images and stores are made of.
  package static let names = 65_000
  /// Of the extended attributes of one file, in bytes: ext4 keeps them in one block of 4096 ("Extended Attributes" in the
  /// kernel's documentation of ext4), with a header of 32.
  package static let attributes = 4000
  /// Of one attribute beside its name and its value, in bytes: its entry, and what rounds both up to four.
  static let attributeOverhead = 20
  /// Of all files together, in bytes.
  ///
  /// Holes take no room but are hashed as the zeros that they read as, which is 2 TiB in some twenty minutes.
  package static let holes = 2 << 40
  /// Of a file, in seconds since 1970: SquashFS, cpio and EROFS have no earlier time, and a tree is the same in each format.
  package static let earliest = 0
}

/// Goes through a tree: first its root, ".", then all that is in it, in no order.
///
/// No link is followed.
///
/// - Parameters:
///   - root: The tree's folder.
///   - body: Is given each path, relative to the root, and what lstat(2) says.
/// - Throws: When a folder cannot be read, a path is too long, or there are more holes than can be hashed; what
///   `body` throws.
func scan(_ root: String, _ body: (ByteString, stat) throws(Failure) -> Void) throws(Failure) {
  let tree = try OpenTree(root)
  var holes = Holes()
  try body(".", try tree.place(".").information())
  var waiting: [ByteString] = ["."]
  while let path = waiting.popLast() {
    let place = try tree.place(path)
    let folder = try place.open(O_RDONLY | O_DIRECTORY)
    for entry in try Files.entries(ofOpen: folder.raw, place.label) {
      let path = path == "." ? entry.name : path.appending(entry.name)
      guard path.bytes.count <= TreeLimits.path else {
        throw Failure(
          "keep", "the file '/\(path.abridged)'",
          cause:
            "its path is longer than \(TreeLimits.path) bytes, which many programs do not support",
          remedy: "remove it, or shorten the names of its directories, in the stage that creates it"
        )
      }
      let child = Spot(folder.raw, entry.name) { "\(root)/\(path.abridged)" }
      let info = try child.information()
      try holes.add(info, path)
      try body(path, info)
      if info.st_mode & S_IFMT == S_IFDIR { waiting.append(path) }
    }
  }
}

/// Counts the holes of files.
private struct Holes {
  private var bytes = 0

  mutating func add(_ info: stat, _ path: ByteString) throws(Failure) {
    guard info.st_mode & S_IFMT == S_IFREG else { return }
    let hole = max(0, Int(info.st_size) - Int(info.st_blocks) * 512)
    let (sum, isTooMuch) = bytes.addingReportingOverflow(hole)
    guard !isTooMuch, sum <= TreeLimits.holes else {
      throw Failure(
        "keep", "the file '/\(path.abridged)'",
        cause:
          "it brings the holes in the tree's sparse files to more than 2 TiB, which would take"
          + " hours to hash",
        remedy: "make the file smaller in the stage that creates it")
    }
    bytes = sum
  }
}
