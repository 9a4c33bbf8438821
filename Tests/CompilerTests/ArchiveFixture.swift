import Files
import Glibc
import Hashing
import Model
import Processes

/// A small Debian archive on this machine, signed with a key made for it.
struct ArchiveFixture {
  let folder: String
  var mirror: String { "file:\(folder)/debian" }
  /// Archives of the past.
  var snapshots: String { "file:\(folder)/past/debian" }
  var keyring: String { "\(folder)/archive.gpg" }
  var otherKeyring: String { "\(folder)/other.gpg" }
  var cache: String { "\(folder)/cache" }

  /// A package: its name, its version, and further fields.
  typealias Entry = (name: String, version: String, fields: String)

  static let packages: [Entry] = [
    ("base-files", "1.0-1", "Essential: yes\nDepends: libc6"), ("libc6", "1.0-1", ""),
    ("apt", "1.0-1", "Depends: libc6"),
    ("hello", "1.0-1", "Depends: libc6, greeting (>= 1.0)\nRecommends: hello-doc"),
    ("greeting", "1:2.0-1+b1", ""), ("hello-doc", "1.0-1", ""),
    ("quarrel", "1.0-1", "Conflicts: hello"), ("broken", "1.0-1", "Depends: no-such-thing"),
    ("extra", "1.0-1", ""),
  ]

  /// The same archive some days later: new versions in the place of the old ones.
  static let later: [Entry] = packages.map { name, version, fields in
    switch name {
    case "hello": (name, "2.0-1", "Depends: libc6 (>= 2.0), greeting (>= 1.0)")
    case "libc6": (name, "2.0-1", fields)
    case "extra": (name, "1.5-1", fields)
    default: (name, version, fields)
    }
  }

  init(in folder: String) throws {
    self.folder = folder
    try Files.makeDirectories("\(folder)/gnupg", mode: 0o700)
    try key("archive")
    try key("other")
    try publish()
  }

  private func gpg(_ arguments: [String]) throws {
    _ = try Command(["gpg", "--homedir", "\(folder)/gnupg", "--batch", "--yes", "-q"] + arguments)
      .runChecked()
  }

  private func key(_ name: String) throws {
    try gpg([
      "--pinentry-mode", "loopback", "--passphrase", "", "--quick-generate-key",
      "\(name)@example.org", "ed25519", "sign", "never",
    ])
    try gpg(["--output", "\(folder)/\(name).gpg", "--export", "\(name)@example.org"])
    try gpg([
      "--armor", "--output", "\(folder)/\(name).asc", "--export", "\(name)@example.org",
    ])
  }

  static let architectures = ["amd64", "arm64", "i386"]

  /// Writes the archive's lists in the place of those that are there.
  ///
  /// - Parameters:
  ///   - packages: What it has.
  ///   - place: Its folder, below the fixture's.
  ///   - suite: What it is called.
  ///   - day: Of September 2025.
  ///   - signer: Whose key signs it; nil to leave it unsigned.
  /// - Throws: When it cannot be written or signed.
  func publish(
    _ packages: [Entry] = packages, in place: String = "debian", suite: String = "trixie",
    day: Int = 6, signer: String? = "archive"
  ) throws {
    try publish(
      in: place, suite: suite, day: day, signer: signer,
      indexes: Self.architectures.map { ($0, Array(Self.index(of: packages, for: $0).utf8)) })
  }

  /// Writes lists of packages, the text of each by its architecture, as those of the suite.
  ///
  /// All of them are in the first of the components.
  func publish(
    in place: String, suite: String, day: Int = 6, signer: String? = "archive",
    components: [String] = ["main"], date: String? = nil, validUntil: String? = nil,
    indexes: [(architecture: String, text: [UInt8])]
  ) throws {
    let dists = "\(folder)/\(place)/dists/\(suite)"
    var sums: [String] = []
    for component in components {
      for (architecture, text) in indexes {
        let bytes = component == components[0] ? text : []
        let name = "\(component)/binary-\(architecture)/Packages"
        try Files.makeDirectories("\(dists)/\(component)/binary-\(architecture)")
        try Files.write(bytes, to: "\(dists)/\(name)")
        sums.append(" \(SHA256.digest(bytes).hex) \(bytes.count) \(name)")
      }
    }
    let release = """
      Origin: Debian
      Label: Debian
      Suite: stable
      Codename: \(suite)
      Date: \(date ?? "Sat, \(day) Sep 2025 10:19:04 UTC")\(validUntil.map { "\nValid-Until: \($0)" } ?? "")
      Architectures: \(Self.architectures.joined(separator: " "))
      Components: \(components.joined(separator: " "))
      SHA256:
      \(sums.joined(separator: "\n"))

      """
    try Files.write(Array(release.utf8), to: "\(dists)/Release")
    guard let signer else { return }
    try gpg([
      "--local-user", "\(signer)@example.org", "--clearsign", "--output", "\(dists)/InRelease",
      "\(dists)/Release",
    ])
  }

  static func index(of packages: [Entry], for architecture: String) -> String {
    packages.map { name, version, fields in
      let digest = SHA256.digest(Array("\(name) \(version) \(architecture)".utf8))
      return """
        Package: \(name)
        Version: \(version)
        Architecture: \(name == "hello-doc" ? "all" : architecture)
        Maintainer: Nobody <nobody@example.org>
        Filename: pool/\(name)_\(version.replacing(":", with: ""))_\(architecture).deb
        Size: 1000
        SHA256: \(digest.hex)
        Description: a package\(fields.isEmpty ? "" : "\n" + fields)

        """
    }.joined(separator: "\n")
  }

  /// Makes a package file; gives its path.
  func package(
    _ name: String, version: String = "1.0", fields: String = "", size: Int = 0,
    architecture: String = "all"
  ) throws -> String {
    let tree = "\(folder)/packages/\(name)"
    let control = """
      Package: \(name)
      Version: \(version)
      Architecture: \(architecture)
      Maintainer: Nobody <nobody@example.org>
      Description: a package
      \(fields.isEmpty ? "" : fields + "\n")
      """
    try Files.makeDirectories("\(tree)/DEBIAN")
    try Files.write(Array(control.utf8), to: "\(tree)/DEBIAN/control")
    if size > 0 { try Files.write([UInt8](repeating: 7, count: size), to: "\(tree)/content") }
    _ = try Command(["dpkg-deb", "-Znone", "--build", tree, "\(tree).deb"]).runChecked()
    return "\(tree).deb"
  }

  /// Writes a recipe that takes its packages from this archive.
  func recipe(
    _ install: String, keyring: String? = nil, base: String = "", module: String = "",
    more: String = ""
  ) throws -> String {
    let text = """
      version: 1
      name: fixture
      base:
        debian: trixie
        mirror: "\(mirror)"
        suites: [trixie]
        keyring: \(keyring ?? self.keyring)
      \(base.isEmpty ? "" : "  \(base)\n")\
      modules:
        - type: packages
          install: [\(install)]
      \(module.isEmpty ? "" : "    \(module.replacing("\n", with: "\n    "))\n")\
      \(more)
      """
    let path = "\(folder)/recipe.yml"
    try Files.write(Array(text.utf8), to: path)
    return path
  }
}
