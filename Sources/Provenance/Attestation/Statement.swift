internal import JSON
package import Model

/// What a builder says it made from a manifest: an in-toto statement (v1) with SLSA provenance (v1).
///
/// Nothing in it depends on the time or the machine, so that independent builders who agree write the same statement but
/// for their own ids.
package struct Statement: Sendable, Equatable {
  /// By the names of the files that came out; a directory stands here as its listing, `NAME.listing`.
  package var subjects: [ByteString: Digest]
  /// Of the manifest's bytes.
  package var manifest: Digest
  package var recipe: Manifest.RecipeReference
  package var architecture: Architecture
  /// A URI that names who built it.
  package var builder: String
  /// What was downloaded for the build: an address and a digest for each file.
  package var materials: [Material]

  package struct Material: Sendable, Equatable {
    package var name: String
    package var address: String?
    package var digest: Digest

    package init(name: String, address: String?, digest: Digest) {
      self.name = name
      self.address = address
      self.digest = digest
    }
  }

  /// - Parameters:
  ///   - manifest: What was built.
  ///   - digest: Of its bytes.
  ///   - subjects: What came out.
  ///   - builder: A URI that names who built it.
  package init(
    _ manifest: Manifest, _ digest: Digest, subjects: [ByteString: Digest], builder: String
  ) {
    self.subjects = subjects
    self.manifest = digest
    recipe = manifest.recipe
    architecture = manifest.architecture
    self.builder = builder
    materials = manifest.sources.sorted { $0.key < $1.key }.map { digest, source in
      var address: String?
      if case .download(let download) = source { address = download.urls.first }
      return Material(name: source.name, address: address, digest: digest)
    }
  }

  /// Whether a text can name a builder: a URI, with nothing that a terminal would not show.
  package static func isBuilder(_ text: String) -> Bool {
    guard let parts = text.cut(at: ":"), let first = parts.before.utf8.first else { return false }
    func isLetter(_ byte: UInt8) -> Bool {
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
    }
    let scheme = parts.before.utf8.allSatisfy {
      isLetter($0) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "+-.".utf8.contains($0)
    }
    return isLetter(first) && scheme && !parts.after.isEmpty
      && parts.after.utf8.allSatisfy { 0x21...0x7e ~= $0 }
  }

  static let type = "https://in-toto.io/Statement/v1"
  static let predicateType = "https://slsa.dev/provenance/v1"
  /// What the parameters mean: docs/provenance.md.
  static let buildType = "urn:particle-os:build:1"

  /// The statement in JSON.
  package var node: Node {
    .object([
      ("_type", .string(Self.type)),
      (
        "subject",
        .list(
          subjects.keys.sorted().map { name in
            .object([
              ("name", .string(name.text ?? name.shown)), ("digest", Self.digests(subjects[name])),
            ])
          })
      ), ("predicateType", .string(Self.predicateType)),
      (
        "predicate",
        .object([
          (
            "buildDefinition",
            .object([
              ("buildType", .string(Self.buildType)),
              (
                "externalParameters",
                .object([
                  ("manifest", .object([("digest", Self.digests(manifest))])),
                  (
                    "recipe",
                    .object([
                      ("name", .string(recipe.name)), ("digest", Self.digests(recipe.digest)),
                      ("variables", .object(recipe.variables.map { ($0, .string($1)) })),
                    ])
                  ), ("architecture", .string(architecture.rawValue)),
                ])
              ), ("resolvedDependencies", .list(materials.map(\.node))),
            ])
          ),
          (
            "runDetails",
            .object([
              (
                "builder",
                .object([
                  ("id", .string(builder)),
                  ("version", .object([("particle-os", .string(particleVersion))])),
                ])
              )
            ])
          ),
        ])
      ),
    ])
  }

  static func digests(_ digest: Digest?) -> Node {
    .object(digest.map { [("sha256", .string($0.hex))] } ?? [])
  }
}

extension Statement.Material {
  fileprivate var node: Node {
    .object(
      [("name", .string(name)), ("digest", Statement.digests(digest))]
        + (address.map { [("uri", .string($0))] } ?? []))
  }
}
