internal import Hashing
internal import Model

/// The repositories that packages are taken from, for one architecture.
struct Archive: Sendable, Equatable {
  var suite: String
  /// Suites and the address that has them.
  var repositories: [DebianSuites]
  var components: [String]
  var keyring: String
  /// Those that are not Debian's.
  var further: [FurtherRepository] = []
  var architecture: Architecture
  /// Those whose packages are taken too, sorted.
  var foreignArchitectures: [ForeignArchitecture]
  /// Whether its release files may be as old as they like.
  var isSnapshot: Bool

  struct DebianSuites: Sendable, Equatable {
    var address: String
    var suites: [String]
  }

  /// A repository of a packages module, with the bytes of its key.
  struct FurtherRepository: Sendable, Equatable {
    var repository: Repository
    /// Nil for one that is trusted unsigned.
    var key: [UInt8]?
    var mark: Mark?

    /// The key's file name.
    var keyFile: String? { key.map(Archive.fileName(ofKey:)) }

    /// All of it in one line, for a question.
    var line: String {
      let parts = [repository.url] + repository.suites + repository.components
      return (parts + [keyFile.map { "signed by \($0)" } ?? "unsigned"]).joined(separator: " ")
    }
  }

  /// What a file with these keys is called: apt tells the two forms of keys by it.
  static func fileName(ofKey bytes: [UInt8]) -> String {
    let isArmoured = bytes.first == UInt8(ascii: "-")
    return "\(SHA256.digest(bytes).hex).\(isArmoured ? "asc" : "gpg")"
  }

  /// In the form of sources.list(5), deb822 style, with the further keys in the folder `keys`, and the archive's own
  /// in the file `keyring`.
  func sources(keys: String, keyring: String) -> String {
    let debian = repositories.map { repository in
      """
      Types: deb
      URIs: \(repository.address)
      Suites: \(repository.suites.joined(separator: " "))
      Components: \(components.joined(separator: " "))
      Signed-By: \(keyring)
      \(isSnapshot ? "Check-Valid-Until: no\n" : "")
      """
    }
    let others = further.map { other in
      let components = other.repository.components
      return """
        Types: deb
        URIs: \(other.repository.url)
        Suites: \(other.repository.suites.joined(separator: " "))
        \(components.isEmpty ? "" : "Components: \(components.joined(separator: " "))\n")\
        \(other.keyFile.map { "Signed-By: \(keys)/\($0)" } ?? "Trusted: yes")

        """
    }
    return (debian + others).joined(separator: "\n")
  }

  /// The machine's own first.
  var architectures: [String] {
    [architecture.rawValue] + foreignArchitectures.map(\.rawValue)
  }

  /// Names its folder in a cache.
  var name: String {
    let text = "\(architectures.joined(separator: ","))\n\(sources(keys: "", keyring: keyring))"
    return "\(suite)-\(SHA256.digest(Array(text.utf8)).hex.prefix(16))"
  }

  /// What a recipe's base comes to, with Debian's archives where `mirrors` says.
  init(of base: DebianBase, at mirrors: Mirrors, for architecture: Architecture) throws(Failure) {
    let security = base.suites.filter { $0.hasSuffix("-security") }
    let main = base.suites.filter { !$0.hasSuffix("-security") }
    suite = base.suite.rawValue
    repositories = [DebianSuites(address: mirrors.main, suites: main)]
    if !security.isEmpty {
      guard let address = mirrors.security else {
        throw Failure(
          "find", "the security archive that belongs to \(mirrors.main)",
          cause: "the URL of the mirror does not end in /debian",
          remedy:
            "use a mirror that does, with the security archive next to it at /debian-security, or"
            + " limit the suites: 'suites: [\(base.suite.rawValue)]'"
        )
      }
      repositories.append(DebianSuites(address: address, suites: security))
    }
    components = base.components
    keyring = base.keyring
    isSnapshot = base.snapshot != nil
    self.architecture = architecture
    foreignArchitectures = base.foreignArchitectures.map(\.value)
  }
}
