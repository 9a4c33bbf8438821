import Files
import Hashing
import Model
import Processes
import Provenance
import TestSupport
import Testing

/// What builders say, and where they disagree.
@Suite struct StatementTests {
  private static let manifest = Manifest(
    generator: [:], recipe: .init(name: "web", digest: digest("recipe")), architecture: .amd64,
    epoch: Timestamp(seconds: 0),
    sources: [
      digest("a.deb"): .download(
        .init(name: "a.deb", size: 1, urls: ["https://archive.example/a.deb"])),
      digest("motd"): .inline(.init(name: "motd", inline: "")),
    ], pipelines: [], exports: [:])

  private static func digest(_ text: String) -> Digest { SHA256.digest(Array(text.utf8)) }

  private func statement(
    of manifest: String = "manifest", _ subjects: [String: String], by builder: String = "urn:one"
  ) -> Statement {
    let named = subjects.map { (ByteString($0), Self.digest($1)) }
    return Statement(
      Self.manifest, Self.digest(manifest), subjects: Dictionary(uniqueKeysWithValues: named),
      builder: builder)
  }

  private func claim(_ statement: Statement, _ file: String) throws -> Claim {
    try Claim(statement.node.prettyBytes, file: file)
  }

  @Test func `a statement is read as it was written, and kept as it is`() throws {
    let statement = statement(["disk.raw": "disk", "root.directory.listing": "root"])
    try golden("Golden/provenance.json", statement.node.prettyText)
    let claim = try claim(statement, "one.json")
    #expect(claim.builder == "urn:one")
    #expect(claim.manifest == Self.digest("manifest"))
    #expect(claim.subjects == statement.subjects)
  }

  @Test func `builders who disagree are named with both digests`() throws {
    let claims = [
      try claim(statement(["a": "1", "b": "1"]), "one.json"),
      try claim(statement(["b": "2", "c": "1"]), "two.json"),
      try claim(statement(of: "other", ["a": "1"]), "three.json"),
    ]
    #expect(Agreement.differences(of: [claims[0], claims[0]]) == [])
    #expect(
      Agreement.differences(of: claims) == [
        "b is \(Self.digest("1")) in one.json, and \(Self.digest("2")) in two.json",
        "three.json is about the manifest \(Self.digest("other")), and one.json about"
          + " \(Self.digest("manifest"))",
      ])
  }

  @Test func `files that are missing or changed are differences`() throws {
    try withTemporaryDirectory { folder in
      for name in ["a", "b"] { try Files.write(Array("1".utf8), to: "\(folder)/\(name)") }
      let claims = [try claim(statement(["a": "1", "b": "2", "c": "1"]), "one.json")]
      #expect(
        try Agreement.differences(of: claims, files: folder) == [
          "b is \(Self.digest("2")) in one.json, and \(Self.digest("1")) in \(folder)",
          "c is in one.json, and not in \(folder)",
        ])
      let bad = [try claim(statement(["../a": "1"]), "one.json")]
      #expect(throws: Failure.self) { try Agreement.differences(of: bad, files: folder) }
    }
  }

  @Test(
    arguments: [
      ("{}", "its _type is not"), ("[", "is not a statement"),
      ("{\"_type\": \"https://in-toto.io/Statement/v1\"}", "its predicateType is not"),
    ])
  func `what is not a statement is refused with the reason`(text: String, reason: String) throws {
    let refusal = #expect(throws: Refusal.self) { try Claim(Array(text.utf8), file: "x.json") }
    #expect(refusal?.diagnostics.first?.problem.contains(reason) == true)
  }

  @Test func `a signature is by a key that is known, and of these bytes`() throws {
    try withTemporaryDirectory { folder in
      for name in ["key", "other"] {
        _ = try Command(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/\(name)"])
          .runChecked()
      }
      let path = folder + "/statement.json"
      let bytes = statement(["a": "1"]).node.prettyBytes
      try Files.write(bytes, to: path)
      let signers = folder + "/signers"
      let key = try Files.readText(folder + "/key.pub")
      try Files.write(Array("builder@example.org \(key)".utf8), to: signers)
      func cause() -> String? {
        #expect(throws: Failure.self) { try Signature.check(path, bytes, by: signers) }?.cause
      }
      #expect(cause()?.contains("it has no signature") == true)
      try Signature.sign(path, with: folder + "/other")
      #expect(cause()?.contains("is not by a key in") == true)
      try Signature.sign(path, with: folder + "/key")
      #expect(try Signature.check(path, bytes, by: signers) == "builder@example.org")
      let changed = #expect(throws: Failure.self) {
        try Signature.check(path, bytes + [0x20], by: signers)
      }
      #expect(changed?.cause.contains("does not belong to it") == true)
    }
  }
}
