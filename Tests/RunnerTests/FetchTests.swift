import Files
import Hashing
import Model
import Processes
import Runner
import Testing
import Transfer

@Suite struct FetchTests {
  private let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }

  /// A build that copies one downloaded file to its output.
  private func draft(_ urls: [String], content: [UInt8]? = nil) -> Draft {
    var draft = Draft()
    let digest = draft.source("file.bin", content ?? self.content, urls: urls)
    draft.pipeline(
      "os", [inTree("copy /end files file.bin", inputs: ["files": .sources([digest])])])
    draft.export("end", from: "os", "/end")
    return draft
  }

  private func build(
    _ ways: [String], _ options: [String] = [], files: [UInt8]? = nil,
    _ check: (Scene, Server, Command.Outcome) throws -> Void
  ) throws {
    try Scene.with { scene in
      try Server.with(["file": files ?? content], in: scene) { server in
        let outcome = try scene.run(draft(ways.map { server.url($0, "file") }), options)
        try check(scene, server, outcome)
      }
    }
  }

  @Test func `a file is downloaded once`() throws {
    try build(["good"]) { scene, server, outcome in
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(outcome.errorText.contains("downloaded 1 file, 97.6 KiB"))
      #expect(try Files.read(scene.output + "/end") == content)
      try Files.removeTree(scene.store + "/actions")
      _ = try scene.run(draft([server.url("good", "file")]))
      #expect(server.requests == ["/good/file"])
    }
  }

  @Test func `a broken connection is taken up where it broke`() throws {
    try build(["cut"]) { scene, server, outcome in
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(
        server.requests == ["/cut/file", "/cut/file bytes=50000-", "/cut/file bytes=75000-"])
    }
  }

  @Test func `a server that is down for a moment is asked again`() throws {
    try build(["once"]) { _, server, outcome in
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(server.requests.count == 3)
    }
  }

  @Test func `the next URL is taken where a file is gone`() throws {
    try build(["gone", "good"]) { _, server, outcome in
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(server.requests == ["/gone/file", "/good/file"])
    }
  }

  @Test func `a part that was left is used, and dropped when it was wrong`() throws {
    try Scene.with { scene in
      try Server.with(["file": content], in: scene) { server in
        for (way, part, request) in [
          ("good", Array(content[..<1000]), "/good/file bytes=1000-"),
          ("plain", Array(content[..<1000]), "/plain/file bytes=1000-"),
          ("good", [UInt8](repeating: 0, count: 1000), "/good/file"),
        ] {
          try Files.removeTree(scene.store)
          let digest = SHA256.digest(content)
          try Files.makeDirectories(scene.store + "/parts")
          try Files.write(part, to: "\(scene.store)/parts/\(digest.hex)")
          let outcome = try scene.run(draft([server.url(way, "file")]))
          #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
          #expect(server.requests.last == request)
        }
      }
    }
  }

  @Test func `another file than the manifest names is refused`() throws {
    var other = content
    other[5] ^= 1
    try build(["good"], files: other) { scene, server, outcome in
      #expect(outcome.ending == .exit(1))
      #expect(
        outcome.errorText == """
          error: cannot download file.bin (\(SHA256.digest(content))): \
          \(server.url("good", "file")): its checksum is \(SHA256.digest(other)), not \
          the one in the manifest
            help: try again when the server works; if it no longer has the file, compile the \
          recipe again, or copy the file to \
          \(scene.store)/sources/sha256/\(SHA256.digest(content).hex)

          """)
    }
    for wrong in [Array(content.dropLast()), content + [0]] {
      try build(["good"], files: wrong) { _, _, outcome in
        #expect(outcome.ending == .exit(1))
        #expect(outcome.errorText.contains("the manifest says 100000") || wrong.count > 100_000)
      }
    }
  }

  @Test func `a server that stalls is given up`() throws {
    try Scene.with { scene in
      try Server.with(["file": content], in: scene) { server in
        let transfer = try Transfer()
        let patience = Transfer.Patience(connect: 1, stall: 1)
        do {
          try transfer.read(server.url("slow", "file"), patience: patience) { _, _ in true }
          Issue.record("the transfer came to an end")
        } catch let problem as Transfer.Problem { #expect(problem.isTransient, "\(problem.cause)") }
      }
    }
  }

  @Test func `a server that would take for ever is given up`() throws {
    try Scene.with { scene in
      try Server.with(["file": content], in: scene) { server in
        let transfer = try Transfer()
        let patience = Transfer.Patience(total: 2)
        var received = 0
        do {
          try transfer.read(server.url("drip", "file"), patience: patience) { bytes, _ in
            received += bytes.count
            return true
          }
          Issue.record("the transfer came to an end")
        } catch let problem as Transfer.Problem {
          // Another try would have no more time.
          #expect(!problem.isTransient, "\(problem.cause)")
        }
        #expect(received > 0 && received < content.count)
      }
    }
  }

  @Test func `offline, what is missing is named`() throws {
    try build(["good"], ["--offline"]) { _, server, outcome in
      #expect(outcome.ending == .exit(1))
      #expect(
        outcome.errorText == """
          error: cannot build offline: the store lacks 1 source:
            file.bin (\(SHA256.digest(content)))
            help: run once without --offline

          """)
      #expect(server.requests.isEmpty)
    }
  }

  @Test func `a source in the manifest itself needs no network`() throws {
    try Scene.with { scene in
      var draft = Draft()
      let digest = draft.inline("motd", "aGVsbG8K", of: Array("hello\n".utf8))
      draft.pipeline("os", [inTree("copy /end files motd", inputs: ["files": .sources([digest])])])
      draft.export("end", from: "os", "/end")
      #expect(try scene.run(draft, ["--offline"]).ending == .exit(0))
      #expect(try scene.text("end") == "hello\n")
      try Files.removeTree(scene.store)
      draft.manifest.sources[digest] = .inline(Source.Inline(name: "motd", inline: "aGVsbG8h"))
      #expect(try scene.run(draft).ending == .exit(2))
    }
  }

  @Test func `Base64 is read as RFC 4648 says`() {
    #expect(decodeBase64("") == [])
    #expect(decodeBase64("Zg==") == Array("f".utf8))
    #expect(decodeBase64("Zm9vYmE=") == Array("fooba".utf8))
    #expect(decodeBase64("+/+/") == [0xfb, 0xff, 0xbf])
    for wrong in ["Z", "Zg=", "Zg=a", "Z===", "Zm9v\n"] { #expect(decodeBase64(wrong) == nil) }
  }
}
