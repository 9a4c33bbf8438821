internal import Deb
internal import Model
internal import StageContracts
internal import Tar

/// What a .deb says of itself.
struct Package: Sendable {
  var digest: Digest
  var name: String
  var version: String
  var architecture: String
  var source: (name: String, version: String)
  var maintainer: String?
  var homepage: String?
  var copyright: Copyright

  /// Its file in /usr/share/doc (Debian Policy 12.5).
  enum Copyright: Sendable {
    case none
    case text(String)
    /// Its folder there is a link to that of another package of the same source.
    case asIn(package: String)
  }

  var key: DebianPackages.Installed.Key {
    DebianPackages.Installed.Key(name, architecture, version)
  }

  init(_ digest: Digest, _ path: String, named file: String) throws(Failure) {
    let archive = try DebArchive(path: path, name: file)
    let fields = try archive.control()
    guard let name = fields["Package"], let version = fields["Version"],
      let architecture = fields["Architecture"]
    else {
      throw Failure(
        "read", file, cause: "its control file has no Package, Version or Architecture",
        remedy: "remove it from the store and fetch it again")
    }
    self.digest = digest
    self.name = name
    self.version = version
    self.architecture = architecture
    maintainer = fields["Maintainer"]
    // People click on it.
    homepage = fields["Homepage"].flatMap { homepage in
      (try? Address(homepage)).flatMap { $0.scheme == .file ? nil : homepage }
    }
    source = Self.source(fields["Source"], or: (name, version))
    copyright = try Self.copyright(of: name, in: archive)
  }

  /// `NAME` or `NAME (VERSION)`, where the version is another one than the package's.
  private static func source(_ field: String?, or own: (name: String, version: String))
    -> (name: String, version: String)
  {
    guard let field else { return own }
    guard let parts = field.cut(at: " ") else { return (field, own.version) }
    return (parts.before, parts.after.filter { $0 != "(" && $0 != ")" && $0 != " " })
  }

  private static func copyright(of name: String, in archive: DebArchive) throws(Failure)
    -> Copyright
  {
    let folder = ByteString("usr/share/doc/\(name)")
    let path = folder.appending("copyright")
    let file = try archive.first { seen, kind in
      switch kind {
      case .symbolicLink: seen == folder || seen == path
      default: seen == path
      }
    }
    guard let file else { return .none }
    guard case .symbolicLink(let target) = file.kind else {
      return .text(String(decoding: file.content, as: UTF8.self))
    }
    // The folder links to NAME, or the file to ../NAME/copyright.
    let names = file.path == folder ? target.names : target.names.dropLast()
    return (names.last?.text).map(Copyright.asIn) ?? .none
  }
}
