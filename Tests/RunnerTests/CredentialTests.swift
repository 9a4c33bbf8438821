import Fetch
import Files
import Glibc
import Hashing
import Model
import Processes
import Runner
import TestSupport
import Testing

/// A login goes to the server that it is kept for, and to no other that this one, or the manifest, names.
@Suite struct CredentialTests {
  private static let content = Array("content\n".utf8)

  /// A registry, and another server that it leads to; of each request the server, the path and the login are noted.
  private static let servers = """
    content = b'content\\n'
    class Registry(Handler):
        def do_GET(self):
            login = self.headers.get('Authorization') or '-'
            note('registry ' + self.path + ' ' + login)
            way = self.path.split('/')[2] if self.path.startswith('/v2/') else ''
            other = 'http://127.0.0.1:%d' % ports[1]
            own = 'http://127.0.0.1:%d' % ports[0]
            if self.path.startswith('/token'):
                token = 'T\\r\\nEvil: 1' if 'bad' in self.path else 'OWN'
                return self.answer(json.dumps({'token': token}).encode())
            if way == 'redirect': return self.answer(b'', 302, Location=other + '/v2/x/blobs/y')
            if way == 'elsewhere': return self.answer(b'moved', 302, Location=other + '/file')
            realm = {'foreign': other + '/token', 'own': own + '/token', 'bad': own + '/token/bad'}
            if login == '-' or (way in realm and not login.startswith('Bearer')):
                want = ('Bearer realm="%s",service="s",scope="x"' % realm[way]) if way in realm \\
                    else 'Basic realm="x"'
                return self.answer(b'', 401, WWW_Authenticate=want)
            if way == 'basic-redirect' or way == 'own' and 'lead' in self.path:
                return self.answer(b'', 302, Location=other + '/v2/x/blobs/y')
            self.answer(content)
    class Other(Handler):
        def do_GET(self):
            login = self.headers.get('Authorization') or '-'
            note('other ' + self.path + ' ' + login)
            if self.path.startswith('/token'):
                return self.answer(json.dumps({'token': 'OTHER'}).encode())
            if self.path == '/file': return self.answer(content)
            realm = 'http://127.0.0.1:%d/token' % ports[1]
            self.answer(b'', 401, WWW_Authenticate='Bearer realm="%s",service="x",scope="y"' % realm)
    listen(Registry, Other)
    """

  /// The login `user:secret`, as it is sent.
  private static let login = "dXNlcjpzZWNyZXQ="

  private func build(
    _ path: String, environment: [String: String] = [:], netrc: ((PythonServer) -> String)? = nil,
    mode: mode_t = 0o600, owner: uid_t? = nil, isLoggedIn: Bool = true,
    logins: (String) -> String = { $0 },
    _ check: (PythonServer, Command.Outcome) throws -> Void
  ) throws {
    try Scene.with { scene in
      try PythonServer.with(Self.servers, in: scene.folder + "/servers") { server in
        let registry = "127.0.0.1:\(server.ports[0])"
        var draft = Draft()
        let digest = draft.source("layer", Self.content, urls: ["http://\(registry)\(path)"])
        draft.pipeline(
          "os", [inTree("copy /end files layer", inputs: ["files": .sources([digest])])])
        draft.export("end", from: "os", "/end")
        var all = ["HOME": scene.folder]
        if isLoggedIn {
          all["REGISTRY_AUTH_FILE"] = "\(scene.folder)/auth.json"
          try Files.write(
            Array(
              logins("{\"auths\": {\"\(registry)\": {\"auth\": \"\(Self.login)\"}}}").utf8),
            to: "\(scene.folder)/auth.json", mode: mode)
        }
        if let netrc {
          try Files.write(Array(netrc(server).utf8), to: scene.folder + "/.netrc", mode: mode)
          if let owner { chown(scene.folder + "/.netrc", owner, owner) }
        }
        all.merge(environment.mapValues { Self.filled($0, server) }) { $1 }
        let outcome = try scene.run(draft, environment: all)
        #expect(!outcome.errorText.contains("secret") && !outcome.errorText.contains(Self.login))
        try check(server, outcome)
      }
    }
  }

  private static func filled(_ text: String, _ server: PythonServer) -> String {
    text.replacing("REGISTRY", with: "127.0.0.1:\(server.ports[0])")
      .replacing("OTHER", with: "127.0.0.1:\(server.ports[1])")
  }

  private func isClean(_ server: PythonServer) -> Bool {
    server.notes.filter { $0.hasPrefix("other ") }.allSatisfy { $0.hasSuffix(" -") }
  }

  @Test(arguments: ["redirect", "basic-redirect", "own/lead"])
  func `where a registry leads to, nobody is told who we are`(_ way: String) throws {
    try build("/v2/\(way)/blobs/x") { server, outcome in
      #expect(outcome.ending == .exit(1), "\(outcome.errorText)")
      #expect(server.notes.contains { $0.hasPrefix("other /v2/") }, "\(server.notes)")
      #expect(isClean(server), "\(server.notes)")
      // A challenge of the other server is not taken up, either.
      try #require(!server.notes.contains { $0.hasPrefix("other /token") }, "\(server.notes)")
      try #require(isClean(server))
      try record("leads-" + way, "a registry leads to a server that asks for a login (\(way))")
    }
  }

  /// Keeps a row of docs/security.md.
  private func record(
    _ name: String, _ tries: String, seen: String = "it was asked without a login"
  ) throws {
    try Attack.record(
      "login-" + name, tries: tries, expected: "the other server gets no login",
      seen: seen)
  }

  @Test func `what is for a server of this machine passes no proxy`() throws {
    let proxies = ["http_proxy": "http://OTHER", "ALL_PROXY": "http://OTHER"]
    try build("/v2/basic/blobs/x", environment: proxies) { server, outcome in
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      try #require(!server.notes.contains { $0.hasPrefix("other ") }, "\(server.notes)")
      try record(
        "proxy", "a proxy on another machine is set, and the registry is on this one",
        seen: "it was not asked")
    }
  }

  @Test func `a layer that is elsewhere is fetched, without a login`() throws {
    try build("/v2/elsewhere/blobs/x", netrc: { _ in "machine 127.0.0.1 login a password b" }) {
      server, outcome in
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      try #require(server.notes.last == "other /file -", "\(server.notes)")
      try record("elsewhere", "a layer is at another server, for which netrc has a login")
    }
  }

  @Test func `tokens of another server are fetched as anybody`() throws {
    try build("/v2/foreign/blobs/x") { server, outcome in
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      try #require(isClean(server), "\(server.notes)")
      #expect(server.notes.last == "registry /v2/foreign/blobs/x Bearer OTHER")
      try record("realm", "a registry sends to another server for its tokens")
    }
  }

  @Test func `a registry's own tokens, and those of servers that are named, cost a login`() throws {
    try build("/v2/own/blobs/x") { server, outcome in
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(
        server.notes.contains { $0.hasPrefix("registry /token") && $0.hasSuffix(Self.login) })
    }
    try build(
      "/v2/foreign/blobs/x", environment: ["PARTICLE_TOKEN_SERVERS": "a=b,REGISTRY=OTHER"]
    ) { server, outcome in
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(server.notes.contains { $0.hasPrefix("other /token") && $0.hasSuffix(Self.login) })
    }
  }

  @Test func `a token that is more than a token is not one`() throws {
    try build("/v2/bad/blobs/x") { server, outcome in
      #expect(outcome.ending == .exit(1))
      #expect(outcome.errorText.contains("returned no token"), "\(outcome.errorText)")
      try #require(!server.notes.contains { $0.contains("Bearer") }, "\(server.notes)")
      try Attack.record(
        "login-token", tries: "a token with a header of its own in it", expected: "it is refused",
        seen: "refused: it is not a valid token")
    }
  }

  @Test func `an entry of netrc is for its server, one for all is for none`() throws {
    for (netrc, isRight) in [
      ("machine REGISTRY login user password secret", true),
      ("# machine x\nmachine 127.0.0.1\n  login user\n  password secret", true),
      ("machine http://REGISTRY/v2/ login user password secret", true),
      ("machine https://REGISTRY login user password secret", false),
      ("machine REGISTRY/v1/ login user password secret", false),
      ("machine OTHER login user password secret", false),
      ("default login user password secret", false),
      ("macdef x\nmachine REGISTRY login user password secret\n\n", false),
    ] {
      try build(
        "/v2/basic/blobs/x", netrc: { Self.filled(netrc, $0) }, isLoggedIn: false
      ) { server, outcome in
        #expect((outcome.ending == .exit(0)) == isRight, "\(netrc): \(outcome.errorText)")
        #expect(server.notes.contains { $0.hasSuffix(Self.login) } == isRight, "\(netrc)")
      }
    }
  }

  @Test func `a file that others can write to keeps no logins, and that is said`() throws {
    try build("/v2/basic/blobs/x", mode: 0o662) { server, outcome in
      #expect(outcome.ending == .exit(1))
      #expect(!server.notes.contains { $0.hasSuffix(Self.login) })
      #expect(
        outcome.errorText.contains("/auth.json: others can write to it"),
        "\(outcome.errorText)")
    }
  }

  @Test func `a damaged file of logins is named`() throws {
    try build("/v2/basic/blobs/x", logins: { $0 + "," }) { server, outcome in
      #expect(outcome.ending == .exit(1))
      #expect(!server.notes.contains { $0.hasSuffix(Self.login) })
      #expect(
        outcome.errorText.contains("ignored the logins in ")
          && outcome.errorText.contains("/auth.json: invalid JSON: "), "\(outcome.errorText)")
      #expect(outcome.errorText.contains("help: log in to the server; if it no longer"))
    }
  }

  @Test(
    .enabled(if: geteuid() == 0, "only root gives a file to another user"),
    arguments: [(nil, false), ("1", false), ("12345", true)] as [(String?, Bool)])
  func `a file of another user keeps no logins for root, but for sudo's`(
    caller: String?, isRight: Bool
  ) throws {
    try build(
      "/v2/basic/blobs/x", environment: caller.map { ["SUDO_UID": $0] } ?? [:],
      netrc: { Self.filled("machine REGISTRY login user password secret", $0) }, owner: 12_345,
      isLoggedIn: false
    ) { server, outcome in
      #expect(server.notes.contains { $0.hasSuffix(Self.login) } == isRight)
      #expect(
        outcome.errorText.contains("/.netrc: it belongs to another user") != isRight,
        "\(outcome.errorText)")
    }
  }

  @Test(
    .enabled(if: geteuid() == 0, "only root plays a user"),
    arguments: [(0, true), (uid_t(OrdinaryUser.id), true), (12_345, false)] as [(uid_t, Bool)])
  func `a user's login files are one's own or root's, wherever they are`(
    owner: uid_t, isRight: Bool
  ) throws {
    try Scene.with { scene in
      try PythonServer.with(Self.servers, in: scene.folder + "/servers") { server in
        let registry = "127.0.0.1:\(server.ports[0])"
        var draft = Draft()
        let digest = draft.source(
          "layer", Self.content, urls: ["http://\(registry)/v2/basic/blobs/x"])
        draft.pipeline(
          "os", [inTree("copy /end files layer", inputs: ["files": .sources([digest])])])
        draft.export("end", from: "os", "/end")
        let file = scene.folder + "/auth.json"
        try Files.write(
          Array("{\"auths\": {\"\(registry)\": {\"auth\": \"\(Self.login)\"}}}".utf8), to: file)
        chown(file, owner, owner)
        let outcome = try OrdinaryUser.run(
          scene.command(draft, environment: ["HOME": "/nowhere", "REGISTRY_AUTH_FILE": file]),
          in: scene)
        #expect(
          server.notes.contains { $0.hasSuffix(Self.login) } == isRight, "\(outcome.errorText)")
        #expect((outcome.ending == .exit(0)) == isRight, "\(outcome.errorText)")
        #expect(outcome.errorText.contains("it belongs to another user") != isRight)
      }
    }
  }

  @Test(arguments: ["user:secret@127.0.0.1:99999", "user:secret@[::1", "user:secret@h:31 28"])
  func `the login of a proxy that cannot be is in no message`(proxy: String) throws {
    try Scene.with { scene in
      var draft = Draft()
      let digest = draft.source("layer", Self.content, urls: ["http://server.example/layer"])
      draft.pipeline("os", [inTree("copy /end files layer", inputs: ["files": .sources([digest])])])
      draft.export("end", from: "os", "/end")
      let outcome = try scene.run(draft, environment: ["http_proxy": proxy])
      #expect(outcome.ending == .exit(1))
      #expect(outcome.errorText.contains("***@"), "\(outcome.errorText)")
      #expect(!outcome.errorText.contains("secret"))
    }
  }

  @Test func `passwords go to token servers that belong to the registry`() throws {
    let hub = try Address("https://registry-1.docker.io/v2/x/blobs/y")
    let known = ["registry-1.docker.io": "auth.docker.io"]
    for (realm, isRight) in [
      ("https://auth.docker.io/token", true), ("https://registry-1.docker.io/token", true),
      ("https://auth.docker.io.example/token", false), ("https://auth.docker.io:444/t", false),
      ("http://auth.docker.io/token", false), ("http://registry-1.docker.io/token", false),
      ("https://registry-1.docker.io:8443/token", false), ("https://docker.io/token", false),
    ] {
      #expect(
        try RegistryAccess.belongs(Address(realm), to: hub, by: known) == isRight, "\(realm)")
    }
  }
}
