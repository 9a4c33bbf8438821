internal import JSON
package import Model

/// What can be compared of a statement, whichever tool wrote it.
package struct Claim: Sendable, Equatable {
  /// The file that it was read from.
  package var file: String
  package var builder: String
  /// Of the manifest that was built.
  package var manifest: Digest
  package var subjects: [ByteString: Digest]

  /// Reads an in-toto statement with SLSA provenance.
  ///
  /// - Parameters:
  ///   - bytes: The text, JSON.
  ///   - file: What it is called in a diagnostic.
  /// - Throws: What is wrong with it.
  package init(_ bytes: [UInt8], file: String) throws(Refusal) {
    func refused(_ problem: String) -> Refusal {
      Refusal(diagnostics: [
        Diagnostic(
          "'\(shown(file))' is not a statement of provenance: \(problem)",
          remedy: "name a file that 'particle attest' wrote")
      ])
    }
    let node: Node
    do { node = try JSON.parse(bytes, file: file) } catch {
      throw refused(error.problem)
    }
    guard node["_type"]?.text == Statement.type else {
      throw refused("its _type is not \(Statement.type)")
    }
    guard node["predicateType"]?.text == Statement.predicateType else {
      throw refused("its predicateType is not \(Statement.predicateType)")
    }
    let definition = node["predicate"]?["buildDefinition"]
    guard definition?["buildType"]?.text == Statement.buildType else {
      throw refused("its buildType is not \(Statement.buildType)")
    }
    guard let manifest = definition?["externalParameters"]?["manifest"].flatMap(Self.digest) else {
      throw refused("it does not name the digest of a manifest")
    }
    guard let builder = node["predicate"]?["runDetails"]?["builder"]?["id"]?.text,
      Statement.isBuilder(builder)
    else {
      throw refused("it does not name its builder by a URI")
    }
    var subjects: [ByteString: Digest] = [:]
    for subject in node["subject"]?.items ?? [] {
      guard let name = subject["name"]?.text, let digest = Self.digest(subject) else {
        throw refused("a subject has no name or no SHA-256")
      }
      if let flaw = fileNameFlaw(name) {
        throw refused("the subject '\(shown(name))' is not the name of a file: \(flaw)")
      }
      guard subjects.updateValue(digest, forKey: ByteString(name)) == nil else {
        throw refused("it names '\(shown(name))' twice")
      }
    }
    guard !subjects.isEmpty else { throw refused("it has no subjects") }
    self.file = file
    self.builder = builder
    self.manifest = manifest
    self.subjects = subjects
  }

  private static func digest(_ node: Node) -> Digest? {
    (node["digest"]?["sha256"]?.text).flatMap { Digest(hex: $0) }
  }
}
