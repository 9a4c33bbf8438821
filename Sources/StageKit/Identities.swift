package import Model

extension Tree {
  /// Removes the keys that packages' scripts make: OpenSSH's host keys, the certificate of ssl-cert
  /// with its key and the link by its hash, and those at the paths `further`.
  ///
  /// Each machine is to make its own; an image that has them would differ with every build, and give
  /// away what is private.
  ///
  /// Those at the paths `kept` are what somebody wants in it.
  package func removePrivateKeys(and further: [String] = [], keeping kept: [String] = [])
    throws(Failure)
  {
    for key in try names(in: "/etc/ssh")
    where key.hasPrefix("ssh_host_") && !kept.has("/etc/ssh/\(key)") {
      try remove("/etc/ssh/\(key)")
    }
    let certificate = "ssl-cert-snakeoil.pem"
    let folder = "/etc/ssl/certs"
    if exists("\(folder)/\(certificate)"), !kept.has("\(folder)/\(certificate)") {
      for link in try names(in: folder)
      where (try? linkTarget("\(folder)/\(link)")) == certificate {
        try remove("\(folder)/\(link)")
      }
      try remove("\(folder)/\(certificate)")
    }
    for key in [Self.snakeoilKey] + further where !kept.has(key) { try remove(key) }
  }

  /// Where ssl-cert keeps the key of the certificate that it makes.
  package static let snakeoilKey = "/etc/ssl/private/ssl-cert-snakeoil.key"
}

/// A PostgreSQL cluster as Debian's postgresql-common keeps it: settings, data with an identifier of its
/// own, and a log.
package struct DatabaseCluster: Sendable, Equatable {
  /// The major version: "17".
  package var version: String
  package var name: String

  package init(version: String, name: String) {
    self.version = version
    self.name = name
  }

  private var settings: String { "/etc/postgresql/\(version)/\(name)" }
  package var data: String { "/var/lib/postgresql/\(version)/\(name)" }
  private var files: [String] {
    [
      settings, data,
      "/var/log/postgresql/postgresql-\(version)-\(name).log",
    ]
  }

  /// All that are in a tree.
  package static func all(in tree: borrowing Tree) throws(Failure) -> [DatabaseCluster] {
    var clusters: [DatabaseCluster] = []
    for version in try tree.names(in: "/etc/postgresql") {
      for name in try tree.names(in: "/etc/postgresql/\(version)") {
        clusters.append(DatabaseCluster(version: version, name: name))
      }
    }
    return clusters
  }

  /// Takes it away.
  package func remove(from tree: borrowing Tree) throws(Failure) {
    for path in files { try tree.remove(path) }
  }
}
