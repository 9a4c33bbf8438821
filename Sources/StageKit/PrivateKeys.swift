package import Model

extension Tree {
  /// Removes the keys that packages' scripts make: OpenSSH's host keys, and the certificate of
  /// ssl-cert with its key and the link by its hash.
  ///
  /// Each machine is to make its own; an image that has them would differ with every build, and give
  /// away what is private.
  package func removePrivateKeys() throws(Failure) {
    for key in try names(in: "/etc/ssh") where key.hasPrefix("ssh_host_") {
      try remove("/etc/ssh/\(key)")
    }
    let certificate = "ssl-cert-snakeoil.pem"
    let folder = "/etc/ssl/certs"
    if exists("\(folder)/\(certificate)") {
      for link in try names(in: folder)
      where (try? linkTarget("\(folder)/\(link)")) == certificate {
        try remove("\(folder)/\(link)")
      }
      try remove("\(folder)/\(certificate)")
    }
    try remove(Self.snakeoilKey)
  }

  /// Where ssl-cert keeps the key of the certificate that it makes.
  package static let snakeoilKey = "/etc/ssl/private/ssl-cert-snakeoil.key"
}
