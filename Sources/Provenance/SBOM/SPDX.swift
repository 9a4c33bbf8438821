package import Model

extension Bill {
  /// The bill as an SPDX 2.3 document in JSON.
  ///
  /// Everything in it comes from the manifest and the packages, so it is the same each time.
  package var spdx: Node {
    let others = distinctLicences
    return .object(
      [
        ("spdxVersion", .string("SPDX-2.3")), ("dataLicense", .string("CC0-1.0")),
        ("SPDXID", .string("SPDXRef-DOCUMENT")), ("name", .string(name)),
        ("documentNamespace", .string("https://spdx.org/spdxdocs/\(name)-\(manifest.hex)")),
        (
          "creationInfo",
          .object([
            ("created", .string(epoch.description)),
            ("creators", .list([.string("Tool: particle-os-\(particleVersion)")])),
          ])
        ), ("packages", .list([system] + below + components.enumerated().map(spdxPackage))),
        ("relationships", .list(relationships)),
      ]
        + (others.isEmpty
          ? []
          : [
            (
              "hasExtractedLicensingInfos",
              .list(
                others.map { other in
                  .object([
                    ("licenseId", .string(other.id)), ("name", .string(other.name)),
                    ("extractedText", .string(other.text)),
                  ])
                })
            )
          ]))
  }

  /// The whole system, which holds the packages.
  private var system: Node {
    .object(
      Self.head("SPDXRef-System", name, epoch.description)
        + [
          ("supplier", .string(supplier.map { "Organization: \($0)" } ?? "NOASSERTION")),
          ("primaryPackagePurpose", .string("OPERATING-SYSTEM")),
          (
            "comment",
            .string(
              "Built by particle-os from the manifest \(manifest), for \(architecture.rawValue).")
          ),
        ])
  }

  /// The container image below it.
  private var below: [Node] {
    guard let container else { return [] }
    return [
      .object(
        Self.head("SPDXRef-Base", container.reference, container.manifest.description)
          + [
            ("supplier", .string("NOASSERTION")), ("primaryPackagePurpose", .string("CONTAINER")),
            ("checksums", Self.checksums(container.manifest)),
          ])
    ]
  }

  private var relationships: [Node] {
    func relation(_ from: String, _ kind: String, _ to: String) -> Node {
      .object([
        ("spdxElementId", .string(from)), ("relationshipType", .string(kind)),
        ("relatedSpdxElement", .string(to)),
      ])
    }
    return [relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-System")]
      + (container == nil ? [] : [relation("SPDXRef-System", "DESCENDANT_OF", "SPDXRef-Base")])
      + components.indices.map { relation("SPDXRef-System", "CONTAINS", Self.id($0)) }
  }

  private static func id(_ index: Int) -> String { "SPDXRef-Package-\(index + 1)" }

  private func spdxPackage(_ index: Int, _ component: Component) -> Node {
    var members = Self.head(
      Self.id(index), component.name, component.version, from: component.file?.address,
      component.licence)
    members.append(
      ("supplier", .string(component.maintainer.map(Self.supplier) ?? "NOASSERTION")))
    if let homepage = component.homepage { members.append(("homepage", .string(homepage))) }
    if let file = component.file { members.append(("checksums", Self.checksums(file.digest))) }
    members += [
      (
        "sourceInfo",
        .string(
          "built from the source package \(component.source.name) \(component.source.version)")
      ),
      (
        "externalRefs",
        .list([
          .object([
            ("referenceCategory", .string("PACKAGE-MANAGER")),
            ("referenceType", .string("purl")),
            ("referenceLocator", .string(component.purl(release: release))),
          ])
        ])
      ),
    ]
    return .object(members)
  }

  /// What every package has.
  private static func head(
    _ id: String, _ name: String, _ version: String, from address: String? = nil,
    _ licence: Licence? = nil
  ) -> [(String, Node)] {
    [
      ("SPDXID", .string(id)), ("name", .string(name)), ("versionInfo", .string(version)),
      ("downloadLocation", .string(address ?? "NOASSERTION")), ("filesAnalyzed", .bool(false)),
      ("licenseConcluded", .string("NOASSERTION")),
      ("licenseDeclared", .string(licence?.expression ?? "NOASSERTION")),
      ("copyrightText", .string("NOASSERTION")),
    ]
  }

  private static func checksums(_ digest: Digest) -> Node {
    .list([
      .object([("algorithm", .string("SHA256")), ("checksumValue", .string(digest.hex))])
    ])
  }

  /// `NAME <ADDRESS>` in SPDX's words; Debian does not say whether that is a person.
  private static func supplier(_ maintainer: String) -> String {
    guard let parts = maintainer.cut(at: "<") else { return "Organization: \(maintainer)" }
    let name = parts.before.split(separator: " ").joined(separator: " ")
    let address = parts.after.prefix { $0 != ">" }
    return "Organization: \(name) (\(address))"
  }
}
