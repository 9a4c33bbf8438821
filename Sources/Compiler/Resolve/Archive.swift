internal import Model

/// The repositories that packages are taken from, for one architecture.
struct Archive: Sendable, Equatable {
  var suite: String
  /// Suites and the address that has them.
  var repositories: [Repository]
  var components: [String]
  var keyring: String
  var architecture: Architecture

  struct Repository: Sendable, Equatable {
    var address: String
    var suites: [String]
  }

  /// In the form of sources.list(5), deb822 style.
  var sources: String {
    repositories.map { repository in
      """
      Types: deb
      URIs: \(repository.address)
      Suites: \(repository.suites.joined(separator: " "))
      Components: \(components.joined(separator: " "))
      Signed-By: \(keyring)

      """
    }.joined(separator: "\n")
  }

  /// What a recipe's base comes to, with Debian's archives where `mirrors` says.
  init(of base: DebianBase, at mirrors: Mirrors, for architecture: Architecture) throws(Failure) {
    let security = base.suites.filter { $0.hasSuffix("-security") }
    let main = base.suites.filter { !$0.hasSuffix("-security") }
    suite = base.suite.rawValue
    repositories = [Repository(address: mirrors.main, suites: main)]
    if !security.isEmpty {
      guard let address = mirrors.security else {
        throw Failure(
          "find", "the security archive that belongs to \(mirrors.main)",
          cause: "the mirror's address does not end in /debian",
          remedy: "give a mirror that does, with the security archive beside it at"
            + " /debian-security, or name the suites to use: 'suites: [\(base.suite.rawValue)]'")
      }
      repositories.append(Repository(address: address, suites: security))
    }
    components = base.components
    keyring = base.keyring
    self.architecture = architecture
  }
}
