internal import Files
internal import Glibc
internal import Hashing
package import Model

/// A .deb file of this machine that a recipe names.
package struct PackageFile: Sendable, Equatable {
  /// Absolute.
  package var path: String
  package var digest: Digest
  /// In bytes.
  package var size: Int
  /// The file itself where it is small enough to be carried in a manifest.
  package var bytes: [UInt8]?

  /// What is larger stays where it is: the manifest has its address.
  package static let limit = 1 << 20

  /// Reads the file; refuses what is no Debian package.
  static func read(_ path: String, in project: Project) throws(Failure) -> PackageFile {
    let file = try project.open(path)
    guard try file.information().st_mode & S_IFMT == S_IFREG else {
      throw Failure(
        "read", path, cause: "it is not a regular file", remedy: "name a .deb file")
    }
    guard let real = try Files.realPath(path).text else {
      throw Failure(
        "read", path, cause: "the name of a parent directory is not UTF-8",
        remedy: "rename the directory: a manifest can only hold UTF-8 names")
    }
    let start = try file.read(limit + 1, at: 0)
    guard start.starts(with: Array("!<arch>\ndebian-binary".utf8)) else {
      throw Failure(
        "read", path, cause: "it is not a Debian package",
        remedy:
          "a package begins with '!<arch>' and 'debian-binary'; for details, run dpkg-deb --info")
    }
    if start.count <= limit {
      return PackageFile(
        path: real, digest: SHA256.digest(start), size: start.count, bytes: start)
    }
    let hash = SHA256()
    var size = 0
    while true {
      let piece = try file.read(1 << 20, at: size)
      if piece.isEmpty { break }
      piece.withUnsafeBytes { hash.update($0) }
      size += piece.count
    }
    return PackageFile(path: real, digest: hash.finish(), size: size, bytes: nil)
  }
}
