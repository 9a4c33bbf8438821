import Files
import Glibc
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
      func sign(with key: String, _ bytes: [UInt8]) throws {
        try Files.write(try Signature.sign(bytes, with: "\(folder)/\(key)"), to: path + ".sig")
      }
      #expect(cause()?.contains("it has no signature") == true)
      try sign(with: "other", bytes)
      #expect(cause()?.contains("is not by a key that") == true)
      try sign(with: "key", bytes + [0x20])
      #expect(cause()?.contains("is not valid for it") == true)
      try sign(with: "key", bytes)
      #expect(try Signature.check(path, bytes, by: signers) == "builder@example.org")
      // The first line allows the key for something else; the second does not.
      let lines = "git@example.org namespaces=\"git\" \(key)!no@x,builder@example.org \(key)"
      try Files.write(Array(lines.utf8), to: signers)
      #expect(try Signature.check(path, bytes, by: signers) == "builder@example.org")
      try Files.write(Array("git@example.org namespaces=\"git\" \(key)".utf8), to: signers)
      #expect(cause()?.contains("not permitted") == true)
      let expired = "builder@example.org valid-before=\"20200101\" \(key)"
      try Files.write(Array(expired.utf8), to: signers)
      #expect(cause()?.contains("expired") == true)
      let failure = #expect(throws: Failure.self) {
        try Signature.sign(bytes, with: folder + "/none")
      }
      #expect(failure?.cause.contains("\n") == false && failure?.cause.contains("\r") == false)
      unlink(path + ".sig")
      #expect(mkfifo(path + ".sig", 0o600) == 0)
      #expect(cause()?.contains("it is a named pipe") == true)
    }
  }

  @Test func `each output needs the word of as many as are asked for`() throws {
    let claims = [
      (claim: try claim(statement(["a": "1"]), "one.json"), party: "urn:one"),
      (claim: try claim(statement(["a": "1", "b": "1"]), "two.json"), party: "urn:two"),
      (claim: try claim(statement(["b": "1"]), "again.json"), party: "urn:two"),
    ]
    #expect(Agreement.shortages(of: claims, least: 1, "builder") == [])
    #expect(
      Agreement.shortages(of: claims, least: 2, "builder") == [
        "b has the word of 1 builder, and 2 are required"
      ])
  }

  @Test(arguments: [
    ("urn:a", true), ("https://ci.example.org/x?y=1", true), ("", false), (":", false),
    ("a:", false),
    ("urn:a b", false), ("urn:a\u{1b}[31m", false), ("urn:a\nx: signed by y", false),
    ("1a:b", false),
    ("a\u{301}:b", false),
  ])
  func `a builder is named by a URI`(name: String, isRight: Bool) throws {
    #expect(Statement.isBuilder(name) == isRight)
    let statement = statement(["a": "1"], by: name)
    if isRight {
      #expect(try claim(statement, "x").builder == name)
    } else {
      #expect(throws: Refusal.self) { try self.claim(statement, "x") }
    }
  }

  @Test(arguments: ["../a", "/etc/passwd", ".", "", "a/b"])
  func `a subject is the name of a file`(name: String) {
    #expect(throws: Refusal.self) { try self.claim(self.statement([name: "1"]), "x") }
  }
}
