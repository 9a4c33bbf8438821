package import Compression
package import DiskFormats
internal import Files
internal import Glibc
package import Model

/// What a file or a folder is, as its first bytes say.
package enum ImageKind: Sendable, Equatable {
  case folder
  /// The layout of an OCI image, as a folder (image-layout.md of the OCI's image-spec).
  case containerImage
  case tar
  case cpio
  case ext
  case squashfs
  case erofs
  case btrfs
  case xfs
  case vfat
  case iso
  /// With a table of partitions.
  case disk
  /// A disk in another format than its own bytes.
  case virtualDisk(DiskFormat)
  case compressed(Compression)
  case other

  /// - Parameter path: Links are followed.
  /// - Throws: When it cannot be read, or is neither a file nor a folder.
  package init(of path: String) throws(Failure) {
    var info = stat()
    guard stat(path, &info) == 0 else { throw .system("inspect", path) }
    switch info.st_mode & S_IFMT {
    case S_IFDIR: self = Files.exists(path + "/oci-layout") ? .containerImage : .folder
    case S_IFREG: self = try Self.file(path)
    default:
      throw Failure(
        "inspect", path, cause: "it is neither a file nor a directory",
        remedy: "copy its content to a file")
    }
  }

  private static func file(_ path: String) throws(Failure) -> ImageKind {
    let file = try FileDescriptor.openRegular(path)
    let start: [UInt8]
    let format: DiskFormat?
    do {
      start = try file.read(0x11000, at: 0)
      format = try DiskFormat(of: file)
    } catch { throw Failure("read", path, cause: error.cause, code: error.code) }
    // What is more likely to stand there by chance comes later.
    for (kind, offset, magic) in signatures where has(magic, start, at: offset) { return kind }
    if let format, format != .vpc { return .virtualDisk(format) }
    for (kind, offset, magic) in laterSignatures where has(magic, start, at: offset) { return kind }
    if let format { return .virtualDisk(format) }
    guard has([0x55, 0xaa], start, at: 510) else { return .other }
    let isVfat = has("FAT", start, at: 54) || has("FAT32", start, at: 82)
    return isVfat ? .vfat : .disk
  }

  /// As file(1) knows them.
  private static let signatures: [(ImageKind, Int, [UInt8])] = [
    (.compressed(.gzip), 0, [0x1f, 0x8b]),
    (.compressed(.xz), 0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
    (.compressed(.zstd), 0, [0x28, 0xb5, 0x2f, 0xfd]),
    (.tar, 257, Array("ustar".utf8)),
    (.cpio, 0, Array("070701".utf8)),
    (.cpio, 0, Array("070702".utf8)),
    (.squashfs, 0, Array("hsqs".utf8)),
    (.erofs, 1024, [0xe2, 0xe1, 0xf5, 0xe0]),
    (.xfs, 0, Array("XFSB".utf8)),
  ]

  private static let laterSignatures: [(ImageKind, Int, [UInt8])] = [
    (.ext, 0x438, [0x53, 0xef]),
    (.btrfs, 0x10040, Array("_BHRfS_M".utf8)),
    (.iso, 0x8001, Array("CD001".utf8)),
  ]

  private static func has(_ magic: [UInt8], _ bytes: [UInt8], at offset: Int) -> Bool {
    bytes.count >= offset + magic.count && bytes[offset...].starts(with: magic)
  }

  private static func has(_ magic: String, _ bytes: [UInt8], at offset: Int) -> Bool {
    has(Array(magic.utf8), bytes, at: offset)
  }
}

extension ImageKind: CustomStringConvertible {
  /// What a person calls it.
  package var description: String {
    switch self {
    case .folder: "a directory"
    case .containerImage: "an OCI image"
    case .tar: "a tar archive"
    case .cpio: "a cpio archive"
    case .ext: "an ext4 file system"
    case .squashfs: "a squashfs file system"
    case .erofs: "an EROFS file system"
    case .btrfs: "a Btrfs file system"
    case .xfs: "an XFS file system"
    case .vfat: "a FAT file system"
    case .iso: "an ISO 9660 file system"
    case .disk: "a disk"
    case .virtualDisk(let format): "a \(format.rawValue) disk"
    case .compressed(.gzip): "compressed with gzip"
    case .compressed(.zstd): "compressed with zstd"
    case .compressed: "compressed with xz"
    case .other: "other data"
    }
  }
}
