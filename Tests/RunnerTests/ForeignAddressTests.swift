import Files
import Glibc
import Hashing
import Model
import Processes
import Runner
import TestSupport
import Testing

/// Addresses and servers that are up to something: what a manifest of others may name.
@Suite struct ForeignAddressTests {
  private static let content = Array("SECRET\n".utf8)

  private static let server = """
    import gzip
    content = b'SECRET\\n'
    class Odd(Handler):
        def do_GET(self):
            note(self.path)
            way = self.path[1:]
            if way == 'good': return self.answer(content)
            if way == 'to-file': return self.answer(b'', 302, Location='file://' + folder + '/secret')
            if way == 'to-login': return self.answer(b'', 302, Location='http://u:p@127.0.0.1/')
            if way == 'to-gopher': return self.answer(b'', 302, Location='gopher://127.0.0.1/_x')
            if way == 'to-nowhere': return self.answer(content, 302)
            if way == 'loop': return self.answer(b'', 302, Location='/loop')
            if way == 'endless': return self.endless()
            if way == 'endless-moved': return self.endless(302, Location='/good')
            if way == 'gzip': return self.answer(gzip.compress(content), Content_Encoding='gzip')
            if way == 'headers':
                try:
                    self.wfile.write(b'HTTP/1.1 200 OK\\r\\n')
                    while True: self.wfile.write(b'X-A: ' + b'x' * 1000 + b'\\r\\n')
                except OSError: return
            self.answer(b'nothing', 404)
    listen(Odd)
    """

  private func outcome(
    of url: String, in scene: Scene, content: [UInt8] = content
  ) throws -> Command.Outcome {
    var draft = Draft()
    let digest = draft.source("w", content, urls: [url])
    draft.pipeline("os", [inTree("copy /end files w", inputs: ["files": .sources([digest])])])
    draft.export("end", from: "os", "/end")
    return try scene.run(draft, environment: ["HOME": scene.folder])
  }

  private func refused(_ url: String, in scene: Scene) throws -> String {
    let outcome = try outcome(of: url, in: scene)
    #expect([.exit(1), .exit(2)].contains(outcome.ending), "\(url): \(outcome.errorText)")
    #expect(!Files.exists(scene.output + "/end"), "\(url)")
    return outcome.errorText
  }

  /// Keeps a row of docs/security.md of an address that was refused.
  private func record(_ name: String, _ tries: String, _ text: String) throws {
    let cause = text.split(separator: "\n").first { $0.hasPrefix("error: ") }?.dropFirst(7)
    // Each run has another number there.
    let seen = String(cause ?? "").replacing(/127\.0\.0\.1:[0-9]+/, with: "127.0.0.1")
    try Attack.record(name, tries: tries, expected: "it is refused", seen: "refused: " + seen)
  }

  @Test(arguments: [
    ("to-file", "it is a file on this machine"),
    (
      "to-login",
      "it contains a user name or"
        + " password"
    ),
    ("to-gopher", "its scheme is not http, https or file"), ("loop", "more than 10 times"),
    ("to-nowhere", "the server responded with status 302"),
    ("endless", "it has more than the 7 bytes that the manifest says"),
    ("gzip", "it has more than the 7 bytes"), ("headers", "longer than 256 KiB"),
    ("endless-moved", "more than 64 KiB"),
    ("[1-9]{a,b}", "the server responded with status 404"), ("gone", "status 404"),
  ])
  func `an answer that is not the file is refused`(_ way: String, _ said: String) throws {
    try Scene.with { scene in
      try PythonServer.with(Self.server, in: scene.folder + "/server") { server in
        try Files.write(Self.content, to: scene.folder + "/server/secret")
        let text = try refused("http://127.0.0.1:\(server.ports[0])/\(way)", in: scene)
        try #require(text.contains(said), "\(text)")
        try #require(!text.contains("u:p@"))
        try record("answer-" + way, "a download's server answers with something else: \(way)", text)
      }
    }
  }

  @Test(arguments: [
    "gopher://127.0.0.1:PORT/_GET%20/", "dict://127.0.0.1:PORT/x", "telnet://127.0.0.1:PORT/",
    "ldap://127.0.0.1:PORT/", "scp://127.0.0.1/x", "smb://127.0.0.1/x", "ftp://127.0.0.1:PORT/x",
    "tftp://127.0.0.1:PORT/x", "-o/tmp/x", "", "etc/passwd", "/etc/passwd", "http:/good",
    "http://127.0.0.1:PORT/a\r\nX-Evil: 1\r\n", "http://127.0.0.1:PORT/a b",
    "http://127.0.0.1:99999/", "http://127.0.0.1\\@127.0.0.1:PORT/good", "http://\u{e9}.example/",
    "file://127.0.0.1/etc/passwd", "file:etc/passwd",
  ])
  func `an address that is none of ours is not asked`(_ url: String) throws {
    try Scene.with { scene in
      try PythonServer.with(Self.server, in: scene.folder + "/server") { server in
        let text = try refused(
          url.replacing("PORT", with: "\(server.ports[0])"), in: scene)
        try #require(
          !text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }, "\(text)")
        try #require(server.notes.isEmpty, "\(server.notes)")
        let address = shown(Array(url.utf8))
        try record("address-" + address, "a download's address is \(address)", text)
      }
    }
  }

  @Test func `a manifest with a login in it is refused, and the login is not told`() throws {
    try Scene.with { scene in
      for login in ["bob:hunter2", "hunter2", "bob:hun/ter2", ":hunter2"] {
        let outcome = try outcome(of: "http://\(login)@127.0.0.1:9/x", in: scene)
        #expect(outcome.ending == .exit(2))
        let text = outcome.errorText
        #expect(text.contains("contains a user name or password"), "\(text)")
        try #require(!text.contains("hunter2") && !text.contains("ter2"), "\(text)")
        try record("address-login-" + login, "a login in the address of a download", text)
      }
    }
  }

  @Test func `what is not a regular file is not read`() throws {
    try Scene.with { scene in
      let fifo = scene.folder + "/fifo"
      #expect(mkfifo(fifo, 0o600) == 0)
      for path in [fifo, "/dev/zero", "/dev/tty", "/proc/kmsg", scene.folder, "/no/such"] {
        let text = try refused("file://" + path, in: scene)
        #expect(
          text.contains("it is not a regular file") || text.contains("No such file")
            || text.contains("it has 0 bytes"), "\(path): \(text)")
        let name = path.replacing(scene.folder, with: "a directory")
        try record(
          "file-" + name, "a download is the file \(name)",
          text.replacing(scene.folder, with: "/a-directory"))
      }
    }
  }

  @Test func `a file of this machine is read, and of another one its digest is not told`() throws {
    try Scene.with { scene in
      let path = scene.folder + "/a file"
      try Files.write(Self.content, to: path)
      for url in ["file://\(scene.folder)/a%20file", "file:\(scene.folder)/%61%20file"] {
        try Files.removeTree(scene.store)
        #expect(try outcome(of: url, in: scene).ending == .exit(0))
      }
      try Files.removeTree(scene.store)
      let secret = Array("secret\n".utf8)
      try Files.write(secret, to: path)
      let text = try outcome(of: "file://\(scene.folder)/a%20file", in: scene).errorText
      #expect(text.contains("its checksum is not the one in the manifest"), "\(text)")
      #expect(!text.contains(SHA256.digest(secret).hex), "\(text)")
    }
  }

  @Test func `what stands in the place of a part is not written to`() throws {
    try Scene.with { scene in
      let path = scene.folder + "/file"
      try Files.write(Self.content, to: path)
      let part = "\(scene.store)/parts/\(SHA256.digest(Self.content).hex)"
      let victim = scene.folder + "/victim"
      try Files.write([1, 2, 3], to: victim)
      for make in [
        { symlink(victim, part) == 0 }, { mkfifo(part, 0o600) == 0 }, { mkdir(part, 0o700) == 0 },
      ] {
        try Files.removeTree(scene.store)
        try Files.makeDirectories(scene.store + "/parts")
        #expect(make())
        let outcome = try outcome(of: "file://" + path, in: scene)
        #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
        #expect(try Files.read(victim) == [1, 2, 3])
      }
    }
  }

  @Test func `sizes that no machine has are refused`() throws {
    try Scene.with { scene in
      for sizes in [[1 << 62], [Int.max, Int.max], [Int](repeating: 1 << 44, count: 65)] {
        var draft = Draft()
        for (index, size) in sizes.enumerated() {
          let digest = draft.source("w\(index)", [UInt8(index)], urls: ["file:///etc/hostname"])
          draft.manifest.sources[digest] = .download(
            Source.Download(name: "w\(index)", size: size, urls: ["file:///etc/hostname"]))
        }
        draft.pipeline("os", [inTree("write /end x")])
        draft.export("end", from: "os", "/end")
        let outcome = try scene.run(draft)
        #expect(outcome.ending == .exit(2), "\(outcome.errorText)")
        #expect(
          sizes.count < 65
            || outcome.errorText.contains("the sources are larger than 1 PiB in total"),
          "\(outcome.errorText)")
      }
    }
  }
}
