internal import Glibc
package import Model

/// What of a system goes on one file system, and how much room it takes.
package struct Content {
  package let walk: Walk
  /// Files and folders, each hard-linked file once.
  package let inodes: Int
  /// Bytes of data, in whole blocks of 4 KiB.
  package let bytes: Int

  /// - Parameters:
  ///   - mountPoint: The folder of the tree that is the root of the file system.
  ///   - system: Where the tree is.
  ///   - mountPoints: Those of all file systems; what is below another's is not this one's.
  /// - Throws: When the tree has no such folder.
  package init(of mountPoint: String, in system: String, beside mountPoints: [String])
    throws(Failure)
  {
    let own = Self.below(mountPoint)
    var hollow: Set<[UInt8]> = []
    for other in mountPoints.map(Self.below) where other != own && other.begins(with: own) {
      hollow.insert(Array(other.dropFirst(own.count).utf8))
    }
    let root = own.isEmpty ? system : "\(system)/\(own.dropLast())"
    // A folder at the end of a path with a slash is hollow; its entry has none.
    hollow = Set(hollow.map { Array($0.dropLast()) })
    // Beneath the mount of /var, /var/tmp is there, too: services that start before the mount have one of their own mounted
    // there (PrivateTmp=, systemd.exec(5)), and cannot make the folder where the root is read-only.
    let temporary = Array("var/tmp".utf8)
    walk = try Walk(root, hollow: hollow, keeping: own.isEmpty ? [temporary] : [])

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

  package static let block = 4096

  /// What a file system gets whose size nobody says: its content, a quarter more, and 128 MiB.
  package var comfortableSize: Int { bytes + bytes / 4 + 128 << 20 }

  /// `/boot/efi` → `boot/efi/`; the root is the empty text.
  private static func below(_ mountPoint: String) -> String {
    mountPoint.parts(at: "/").map { $0 + "/" }.joined()
  }
}
