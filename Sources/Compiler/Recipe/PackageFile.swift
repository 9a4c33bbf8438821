internal import Deb
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

  /// Reads a Debian package for one of these architectures.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - project: What it has to be in.
  ///   - architectures: Debian's names of those whose packages can be installed.
  /// - Returns: What a manifest needs of it.
  /// - Throws: When it cannot be read, or installed.
  static func read(_ path: String, in project: Project, for architectures: [String])
    throws(Failure) -> PackageFile
  {
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
    try check(file, path, for: architectures)
    if start.count <= limit {
      return PackageFile(
        path: real, digest: SHA256.digest(start), size: start.count, bytes: start)
    }
    let (digest, size) = try SHA256.digest(of: file)
    return PackageFile(path: real, digest: digest, size: size, bytes: nil)
  }

  /// Looks at the fields by which a package is known (deb-control(5)), which become part of file names and commands.
  private static func check(
    _ file: borrowing FileDescriptor, _ path: String, for architectures: [String]
  ) throws(Failure) {
    let control: Paragraph
    do { control = try DebArchive(headOf: file, name: path).control() } catch {
      throw Failure("read", path, cause: error.cause, remedy: rebuild)
    }
    if let field = control.repeated {
      throw Failure(
        "read", path, cause: "its control file has the field '\(shown(field))' twice",
        remedy: rebuild)
    }
    // What dpkg takes: pkg_name_is_illegal and parseversion in its lib/dpkg/parsehelp.c.
    for (field, rule) in [
      ("Package", "[0-9A-Za-z][0-9A-Za-z+._-]*"),
      (
        "Version",
        "([0-9]{1,9}:[0-9A-Za-z]([0-9A-Za-z.+~:-]*[0-9A-Za-z.+~])?|[0-9A-Za-z]([0-9A-Za-z.+~-]*[0-9A-Za-z.+~])?)"
      ),
      ("Architecture", "[0-9A-Za-z][0-9A-Za-z-]*"),
    ] {
      guard let value = control[field] else {
        throw Failure(
          "read", path, cause: "its control file has no field '\(field)'", remedy: rebuild)
      }
      guard value.fits(rule) else {
        throw Failure(
          "read", path, cause: "its field '\(field)' is not valid: '\(shown(value))'",
          remedy: rebuild)
      }
    }
    let architecture = control["Architecture"] ?? ""
    let name = [control["Package"] ?? "", control["Version"] ?? "", architecture + ".deb"]
    guard name.joined(separator: "_").utf8.count <= Limits.name else {
      throw Failure(
        "read", path, cause: "its name and version are too long for a file name", remedy: rebuild)
    }
    guard architecture == "all" || architectures.contains(architecture) else {
      throw Failure(
        "install", path,
        cause:
          "it is for \(architecture), and the system for \(architectures.joined(separator: ", "))",
        remedy:
          "name a package for that architecture, or restrict this one with 'when: {architecture: …}'"
      )
    }
  }

  private static let rebuild =
    "build the package again with dpkg-deb; dpkg-deb --info shows its fields"
}
