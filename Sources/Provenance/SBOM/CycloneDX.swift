package import Model

extension Bill {
  /// The bill as a CycloneDX 1.6 document in JSON.
  ///
  /// Everything in it comes from the manifest and the packages, so it is the same each time.
  package var cycloneDX: Node {
    .object([
      ("$schema", .string("http://cyclonedx.org/schema/bom-1.6.schema.json")),
      ("bomFormat", .string("CycloneDX")), ("specVersion", .string("1.6")),
      ("serialNumber", .string("urn:uuid:\(uuid)")), ("version", .integer(1)),
      (
        "metadata",
        .object(
          (supplier.map { [("supplier", .object([("name", .string($0))]))] } ?? []) + [
            ("timestamp", .string(epoch.description)),
            (
              "tools",
              .object([
                (
                  "components",
                  .list([
                    .object([
                      ("type", .string("application")), ("name", .string("particle-os")),
                      ("version", .string(particleVersion)),
                    ])
                  ])
                )
              ])
            ),
            (
              "component",
              .object([
                ("type", .string("operating-system")), ("bom-ref", .string("system")),
                ("name", .string(name)), ("version", .string(epoch.description)),
              ])
            ),
          ])
      ), ("components", .list(below + components.map(cycloneDXComponent))),
      (
        "dependencies",
        .list([
          .object([
            ("ref", .string("system")),
            (
              "dependsOn",
              .list(
                (container == nil ? [] : [.string("base")])
                  + components.map { .string($0.purl(release: release)) })
            ),
          ])
        ])
      ),
    ])
  }

  /// A UUID of version 8 (RFC 9562), of the manifest's digest.
  private var uuid: String {
    var digits = Array(manifest.hex.prefix(32))
    digits[12] = "8"
    digits[16] = ["8", "9", "a", "b"][(digits[16].hexDigitValue ?? 0) % 4]
    var text = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { text += "-" }
      text.append(digit)
    }
    return text
  }

  /// The container image below it.
  private var below: [Node] {
    guard let container else { return [] }
    return [
      .object([
        ("type", .string("container")), ("bom-ref", .string("base")),
        ("name", .string(container.reference)),
        ("version", .string(container.manifest.description)),
        ("hashes", Self.hashes(container.manifest)),
      ])
    ]
  }

  private func cycloneDXComponent(_ component: Component) -> Node {
    let purl = component.purl(release: release)
    var members: [(String, Node)] = [
      ("type", .string("library")), ("bom-ref", .string(purl)), ("name", .string(component.name)),
      ("version", .string(component.version)), ("purl", .string(purl)),
    ]
    if let maintainer = component.maintainer {
      let name = maintainer.cut(at: "<")?.before ?? maintainer
      let words = name.split(separator: " ").joined(separator: " ")
      members.append(("supplier", .object([("name", .string(words))])))
    }
    if let file = component.file { members.append(("hashes", Self.hashes(file.digest))) }
    if let licence = component.licence {
      members.append(
        ("licenses", .list([.object([("expression", .string(licence.expression))])])))
    }
    if let homepage = component.homepage {
      members.append(
        (
          "externalReferences",
          .list([.object([("type", .string("website")), ("url", .string(homepage))])])
        ))
    }
    let facts = [
      ("architecture", component.architecture), ("source", component.source.name),
      ("source-version", component.source.version),
    ]
    members.append(
      (
        "properties",
        .list(
          facts.map { name, value in
            .object([("name", .string("debian:\(name)")), ("value", .string(value))])
          })
      ))
    return .object(members)
  }

  private static func hashes(_ digest: Digest) -> Node {
    .list([.object([("alg", .string("SHA-256")), ("content", .string(digest.hex))])])
  }
}
