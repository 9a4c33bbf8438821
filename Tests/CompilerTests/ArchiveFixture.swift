import Files
import Glibc
import Hashing
import Model
import Processes

/// A small Debian archive on this machine, signed with a key made for it.
struct ArchiveFixture {
  let folder: String
  var mirror: String { "file:\(folder)/debian" }
  var keyring: String { "\(folder)/archive.gpg" }
  var otherKeyring: String { "\(folder)/other.gpg" }
  var cache: String { "\(folder)/cache" }

  static let packages = [
    ("base-files", "Essential: yes\nDepends: libc6"), ("libc6", ""), ("apt", "Depends: libc6"),
    ("hello", "Depends: libc6, greeting (>= 1.0)\nRecommends: hello-doc"), ("greeting", ""),
    ("hello-doc", ""), ("quarrel", "Conflicts: hello"), ("broken", "Depends: no-such-thing"),
  ]

  init(in folder: String) throws {
    self.folder = folder
    try Files.makeDirectories("\(folder)/gnupg", mode: 0o700)
    try key("archive")
    try key("other")
    try writeIndex()
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
  }

  static let architectures = ["amd64", "arm64"]

  private func writeIndex() throws {
    let dists = "\(folder)/debian/dists/trixie"
    var sums: [String] = []
    for architecture in Self.architectures {
      let bytes = Array(Self.index(for: architecture).utf8)
      let name = "main/binary-\(architecture)/Packages"
      try Files.makeDirectories("\(dists)/main/binary-\(architecture)")
      try Files.write(bytes, to: "\(dists)/\(name)")
      sums.append(" \(SHA256.digest(bytes).hex) \(bytes.count) \(name)")
    }
    let release = """
      Origin: Debian
      Label: Debian
      Suite: stable
      Codename: trixie
      Date: Sat, 6 Sep 2025 10:19:04 UTC
      Architectures: \(Self.architectures.joined(separator: " "))
      Components: main
      SHA256:
      \(sums.joined(separator: "\n"))

      """
    try Files.write(Array(release.utf8), to: "\(dists)/Release")
    try gpg([
      "--local-user", "archive@example.org", "--clearsign", "--output", "\(dists)/InRelease",
      "\(dists)/Release",
    ])
  }

  private static func index(for architecture: String) -> String {
    packages.map { name, fields in
      let version = name == "greeting" ? "1:2.0-1+b1" : "1.0-1"
      let digest = SHA256.digest(Array("\(name) \(architecture)".utf8))
      return """
        Package: \(name)
        Version: \(version)
        Architecture: \(name == "hello-doc" ? "all" : architecture)
        Maintainer: Nobody <nobody@example.org>
        Filename: pool/\(name).deb
        Size: 1000
        SHA256: \(digest.hex)
        Description: a package\(fields.isEmpty ? "" : "\n" + fields)

        """
    }.joined(separator: "\n")
  }

  /// Writes a recipe that takes its packages from this archive.
  func recipe(_ install: String, keyring: String? = nil, more: String = "") throws -> String {
    let text = """
      version: 1
      name: fixture
      base:
        debian: trixie
        mirror: "\(mirror)"
        suites: [trixie]
        keyring: \(keyring ?? self.keyring)
      modules:
        - type: packages
          install: [\(install)]
      \(more)
      """
    let path = "\(folder)/recipe.yml"
    try Files.write(Array(text.utf8), to: path)
    return path
  }
}
