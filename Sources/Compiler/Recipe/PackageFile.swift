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
  static func read(_ path: String) throws(Failure) -> PackageFile {
    guard let real = realpath(path, nil) else { throw .system("read", path) }
    defer { free(real) }
    let bytes = try Files.read(path)
    guard bytes.starts(with: Array("!<arch>\ndebian-binary".utf8)) else {
      throw Failure(
        "read", path, cause: "it is no Debian package",
        remedy: "a package begins with '!<arch>' and 'debian-binary': dpkg-deb --info tells more")
    }
    return PackageFile(
      path: String(cString: real), digest: SHA256.digest(bytes), size: bytes.count,
      bytes: bytes.count <= limit ? bytes : nil)
  }
}
