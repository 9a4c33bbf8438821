import Compiler
import Files
import Glibc
import Model
import Processes
import TestSupport
import Testing

/// What of this host's apt counts, and as whom apt runs: particle-compile, with a host of the test's own.
@Suite(.serialized) struct HostAptTests {
  /// Serves an archive; a list of packages below `/endless/` has no end.
  private static let server = """
    root = os.path.dirname(folder)
    class Archive(Handler):
        def do_GET(self):
            note(self.path + ' ' + (self.headers.get('Authorization') or '-'))
            path = self.path
            if path.startswith('/endless/'):
                path = path[8:]
                if path.endswith('Packages'): return self.endless()
            try: self.answer(open(root + path, 'rb').read())
            except OSError: self.answer(b'', 404)
    listen(Archive)
    """

  /// A folder that only its owner may enter, with an archive, its server, and a host whose apt has these settings and
  /// sources; `HERE` in them is the folder, `SERVER` the server.
  private func withHost(
    _ settings: String, sources: String = "", _ body: (ArchiveFixture, PythonServer) throws -> Void
  ) throws {
    try withTemporaryDirectory { folder in
      let archive = try ArchiveFixture(in: folder)
      try PythonServer.with(Self.server, in: folder + "/server") { server in
        func filled(_ text: String) -> [UInt8] {
          Array(
            text.replacing("HERE", with: folder)
              .replacing("SERVER", with: "127.0.0.1:\(server.ports[0])").utf8)
        }
        for part in ["bin", "host/parts", "host/sources", "host/lists/partial"] {
          try Files.makeDirectories("\(folder)/\(part)")
        }
        try Files.write(filled(sources), to: "\(folder)/host/sources.list")
        try Files.write(filled(settings), to: "\(folder)/host/parts/99site")
        try Files.write(
          filled(
            """
            Dir::Etc::Parts "HERE/host/parts"; Dir::Etc::Main "HERE/host/none";
            Dir::Etc::SourceList "HERE/host/sources.list"; Dir::Etc::SourceParts "HERE/host/sources";
            Dir::State::lists "HERE/host/lists";
            """), to: "\(folder)/host/apt.conf")
        for name in ["apt-config", "apt-get", "apt-cache"] {
          let script = """
            #!/bin/sh
            [ -n "$APT_CONFIG" ] || export APT_CONFIG='\(folder)/host/apt.conf'
            exec /usr/bin/\(name) "$@"
            """
          try Files.write(Array(script.utf8), to: "\(folder)/bin/\(name)", mode: 0o755)
        }
        try body(archive, server)
      }
    }
  }

  private func compiled(
    _ archive: ArchiveFixture, _ recipe: String, _ options: [String] = [],
    _ more: [String: String] = [:]
  ) throws -> Command.Outcome {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/sbin:/usr/bin"
    var environment = ["PATH": "\(archive.folder)/bin:\(path)", "HOME": archive.folder]
    environment.merge(more) { $1 }
    // The shell for its umask.
    return try Command(
      [
        "sh", "-c", "umask 022; exec \"$@\"", "sh", try Places.program("particle-compile"), recipe,
        "--cache", archive.cache,
      ]
        + options, environment: environment
    ).run()
  }

  /// A recipe that takes packages from where it is told.
  private func recipe(_ archive: ArchiveFixture, mirror: String?) throws -> String {
    let path = try archive.recipe("hello")
    let old = "  mirror: \"\(archive.mirror)\"\n"
    let text = try Files.readText(path)
      .replacing(old, with: mirror.map { "  mirror: \"\($0)\"\n" } ?? "")
    try Files.write(Array(text.utf8), to: path)
    return path
  }

  private func address(_ server: PythonServer, _ path: String = "/debian") -> String {
    "http://127.0.0.1:\(server.ports[0])\(path)"
  }

  /// Every file below a folder that has a text.
  private func files(in folder: String, having text: String) throws -> [String] {
    try Command(["grep", "-rlaF", "--", text, folder]).run().text.split(separator: "\n")
      .map(String.init)
  }

  @Test(.enabled(if: geteuid() == 0))
  func `apt fetches as its own user, in a folder that is closed to it`() throws {
    // A program that apt's method asks for the proxy says who it is.
    try withTemporaryDirectory { open in
      chmod(open, 0o777)
      let program = "\(open)/proxy"
      try Files.write(
        Array("#!/bin/sh\nid -un >>'\(open)/who'\necho DIRECT\n".utf8), to: program, mode: 0o755)
      try withHost("acquire::HTTP::proxy-AUTO-detect \"\(program)\";") { archive, server in
        let outcome = try compiled(archive, try recipe(archive, mirror: address(server)))
        #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
        let who = try Files.readText("\(open)/who").split(separator: "\n")
        #expect(!who.isEmpty && who.allSatisfy { $0 == "_apt" }, "\(who)")
        // A repository that the user cannot read is still read.
        let local = try compiled(archive, try recipe(archive, mirror: archive.mirror))
        #expect(local.ending == .exit(0), "\(local.errorText)")
      }
    }
  }

  @Test func `a check that the host's apt does without is done, and the setting is named`() throws {
    let settings = """
      // Ours is old.
      Acquire::Check-Valid-Until "false";
      acquire::ALLOWInsecureRepositories "true";
      Acquire::https::Verify-Peer "false";
      APT::Get::AllowUnauthenticated "true";
      """
    let index = ArchiveFixture.architectures.map {
      ($0, Array(ArchiveFixture.index(of: ArchiveFixture.packages, for: $0).utf8))
    }
    let sources = "deb [trusted=yes check-valid-until=no] http://SERVER/debian trixie main\n"
    try withHost(settings, sources: sources) { archive, server in
      let own = try recipe(archive, mirror: nil)
      #expect(try compiled(archive, own).ending == .exit(0))
      try archive.publish(
        in: "debian", suite: "trixie", validUntil: "Sun, 7 Sep 2025 10:19:04 UTC", indexes: index)
      let expired = try compiled(archive, own)
      #expect(expired.ending == .exit(1))
      #expect(
        expired.errorText.contains("cannot trust the archive of trixie"), "\(expired.errorText)")
      #expect(
        expired.errorText.contains("\(archive.folder)/host/parts/99site:2"), "\(expired.errorText)")
      unlink("\(archive.folder)/debian/dists/trixie/InRelease")
      try archive.publish(signer: nil)
      #expect(try compiled(archive, own).ending == .exit(1))
      #expect(try files(in: archive.cache, having: "Verify-Peer").isEmpty)
    }
  }

  @Test func `hooks of the host's apt do not run`() throws {
    let hooks = ["APT::Update::Pre-Invoke", "APT::Update::Post-Invoke", "DPkg::Pre-Install-Pkgs"]
    let settings = hooks.map { "\($0) { \"touch HERE/hook\"; };" }.joined(separator: "\n")
    try withHost(settings, sources: "deb http://SERVER/debian trixie main\n") { archive, _ in
      let outcome = try compiled(archive, try recipe(archive, mirror: nil))
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(!Files.exists("\(archive.folder)/hook"))
    }
  }

  @Test func `a password of the host's proxy is for nobody else to read`() throws {
    try withHost("Acquire::http::Proxy \"http://bob:hunter2@127.0.0.1:9\";") { archive, server in
      let outcome = try compiled(archive, try recipe(archive, mirror: address(server)))
      #expect(outcome.ending == .exit(1))
      #expect(!outcome.errorText.contains("hunter2"), "\(outcome.errorText)")
      let found = try files(in: archive.cache, having: "hunter2")
      #expect(!found.isEmpty)
      for path in found { #expect(try Files.information(path).st_mode & 0o777 == 0o600, "\(path)") }
    }
  }

  @Test func `a login in an address is refused wherever it comes from, and goes nowhere`() throws {
    let login = "http://bob:hunter2@SERVER/debian"
    try withHost("", sources: "deb \(login) trixie main\n") { archive, server in
      let own = try recipe(archive, mirror: nil)
      let given = login.replacing("SERVER", with: "127.0.0.1:\(server.ports[0])")
      for (options, variables, status) in [
        ([], [:], 1), (["--mirror", given], [:], 2), ([], ["PARTICLE_MIRROR": given], 1),
        (["--snapshot", "2025-09-06T00:00:00Z"], ["PARTICLE_SNAPSHOT": given], 1),
        (["--json"], [:], 1), (["--json"], ["PARTICLE_MIRROR": given], 1),
      ] as [([String], [String: String], Int32)] {
        let outcome = try compiled(archive, own, options, variables)
        let text = outcome.errorText
        #expect(outcome.ending == .exit(status), "\(text)")
        #expect(text.contains("contains a user name or password"), "\(text)")
        #expect(!text.contains("hunter2") && !outcome.text.contains("hunter2"), "\(text)")
      }
      let written = try recipe(archive, mirror: given)
      for options in [[], ["--json"]] {
        let outcome = try compiled(archive, written, options)
        #expect(outcome.ending == .exit(2))
        #expect(!outcome.errorText.contains("hunter2"), "\(outcome.errorText)")
      }
      if Files.exists(archive.cache) {
        #expect(try files(in: archive.cache, having: "hunter2").isEmpty)
      }
      #expect(server.notes.isEmpty)
    }
  }

  @Test func `a list of packages that has no end is not read to it`() throws {
    try withHost("Acquire::http::Timeout \"20\";") { archive, server in
      let mirror = address(server, "/endless/debian")
      let outcome = try compiled(archive, try recipe(archive, mirror: mirror))
      #expect(outcome.ending == .exit(1))
      let sizes = try Command(["find", archive.cache, "-type", "f", "-size", "+1024k"]).run().text
      #expect(sizes.split(separator: "\n").allSatisfy { $0.hasSuffix("pkgcache.bin") }, "\(sizes)")
    }
  }
}
