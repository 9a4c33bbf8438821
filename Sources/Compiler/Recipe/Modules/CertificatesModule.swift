package import Model

/// Certificates that the system trusts.
package struct CertificatesModule: Module {
  var certificates: [Certificate]

  struct Certificate: Sendable {
    var name: Located<String>
    var content: Content

    var path: String { "/usr/local/share/ca-certificates/\(name.value).crt" }
  }

  package static let type = "certificates"
  package static let summary = "Trust additional certificate authorities."
  package static let example = """
    - type: certificates
      certificates:
        - {name: company-root, source: files/company-root.crt}
    """
  package static let notes = """
    Each entry is a single certificate in PEM format. It is installed in `/usr/local/share/ca-certificates`, and
    `update-ca-certificates` adds it to the certificates that OpenSSL, GnuTLS and curl trust.
    """

  package static let schema = Schema<Self>.object(
    Field("certificates", { $0.certificates }, .list(of: certificate), "The certificates."),
    make: { CertificatesModule(certificates: $0) })

  private typealias Written = (
    name: Located<String>, source: Located<String>?, content: String?
  )

  private static let certificate = Schema<Written>.object(
    Field(
      "name", { $0.name }, Schema<String>.fileName("certificate name").located,
      "The name of the certificate."),
    Field(
      optional: "source", { $0.source }, Schema<String>.localPath.located,
      "The certificate file, relative to the file that names it."),
    Field(optional: "content", { $0.content }, .string, "The text of the certificate."),
    make: { (name: $0, source: $1, content: $2) }
  ).mapped(
    { (written, node, problems) -> Certificate? in
      Content.chosen(written.source, written.content, of: "a certificate", at: node, &problems)
        .map { Certificate(name: written.name, content: $0) }
    }, { ($0.name, $0.content.source, $0.content.given) })

  package var needs: [String] { ["ca-certificates"] }
  package var contents: [Content] { certificates.map(\.content) }

  package var destinations: [Located<String>] {
    certificates.map { Located($0.path, at: $0.name.mark) }
  }

  package func check(_ contents: Contents, _ problems: inout Problems) {
    for certificate in certificates {
      let text = certificate.content.text(contents)
      // What cannot be read is told already.
      if text.isEmpty, certificate.content.source != nil { continue }
      let mark = certificate.content.source?.mark ?? certificate.name.mark
      let count = text.parts(at: "\n").count { $0.begins(with: "-----BEGIN CERTIFICATE-----") }
      let what = "the certificate '\(certificate.name.value)'"
      if text.contains("PRIVATE KEY-----") {
        problems.report(
          "\(what) contains a private key", at: mark,
          remedy:
            "remove the key and keep only the certificate: everything in a manifest can be read by"
            + " others"
        )
      } else if count == 0 {
        problems.report(
          "\(what) is not in PEM format", at: mark,
          remedy:
            "it must begin with -----BEGIN CERTIFICATE-----; convert a DER file with 'openssl x509"
            + " -inform der'"
        )
      } else if count > 1 {
        problems.report(
          "\(what) contains \(count) certificates", at: mark,
          remedy: "add a separate entry for each")
      } else if !text.contains("-----END CERTIFICATE-----") {
        problems.report(
          "\(what) is incomplete", at: mark,
          remedy: "it must end with -----END CERTIFICATE-----: copy the whole file")
      }
    }
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    [
      Step(
        placing: certificates.map { PlacedFile($0.path, $0.content.text(contents)) }),
      Step(running: "/usr/sbin/update-ca-certificates\n"),
    ]
  }
}
