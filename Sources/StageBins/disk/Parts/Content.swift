internal import Glibc
internal import Model
internal import StageContracts
internal import StageKit

/// What of the system goes on one file system, and how much room it takes.
struct Content {
  let walk: Walk
  /// Files and folders, each hard-linked file once.
  let inodes: Int
  /// Bytes of data, in whole blocks of ext4.
  let bytes: Int

  /// - Parameters:
  ///   - filesystem: The file system.
  ///   - system: Where the tree is.
  ///   - mountPoints: Those of all file systems; what is below another's is not this one's.
  /// - Throws: When the tree has no such folder.
  init(of filesystem: Disk.Filesystem, in system: String, beside mountPoints: [String])
    throws(Failure)
  {
    let own = Self.below(filesystem.mountPoint)
    var hollow: Set<[UInt8]> = []
    for other in mountPoints.map(Self.below) where other != own && other.hasPrefix(own) {
      hollow.insert(Array(other.dropFirst(own.count).utf8))
    }
    let root = own.isEmpty ? system : "\(system)/\(own.dropLast())"
    // A folder at the end of a path with a slash is hollow; its entry has none.
    walk = try Walk(root, hollow: Set(hollow.map { Array($0.dropLast()) }))

    var seen: Set<ino_t> = []
    var (inodes, blocks) = (1, 1)
    for entry in walk.entries {
      let info = entry.information
      if !entry.isDirectory, info.st_nlink > 1, !seen.insert(info.st_ino).inserted { continue }
      inodes += 1
      if entry.isRegular {
        blocks += (Int(info.st_size) + Self.block - 1) / Self.block
      } else if entry.isDirectory || info.st_size >= 60 {
        // The target of a short link is in its inode.
        blocks += 1
      }
    }
    self.inodes = inodes
    bytes = blocks * Self.block
  }

  static let block = 4096

  /// `/boot/efi` → `boot/efi/`; the root is the empty text.
  private static func below(_ mountPoint: String) -> String {
    mountPoint.split(separator: "/").map { $0 + "/" }.joined()
  }
}
