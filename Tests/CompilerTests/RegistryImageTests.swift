import Compiler
import Files
import Glibc
import Model
import StageContracts
import TestSupport
import Testing

/// What registries are asked and told when a recipe is compiled and an image is pushed: real ones, and some that nobody
/// should trust.
@Suite(.serialized) struct RegistryImageTests {
  private func layers(_ manifest: Manifest) throws -> [Digest] {
    let stage = try #require(manifest.pipelines[0].stages.first)
    #expect(stage.type == ContainerRoot.name)
    guard case .sources(let digests) = stage.inputs["layers"] else { return [] }
    return digests
  }

  @Test func `what a registry does not give is told with the place and what to do`() throws {
    try withScene { scene in
      let image = try scene.images.make("debian", [ImageFixture.debian])
      try Registry.with(in: scene.archive.folder) { registry in
        try registry.push(image, as: "debian:stable")
        let missing = "docker://\(registry.address)/debian:gone"
        let told = scene.refusal(try scene.recipe(missing)).joined()
        #expect(told.hasPrefix("4:14: cannot find the image '\(missing)': "), "\(told)")
        #expect(
          told.hasSuffix("list the tags with: skopeo list-tags docker://\(registry.address)/debian")
        )

        let digest = "sha256:" + String(repeating: "0", count: 64)
        let wrong = scene.refusal(
          try scene.recipe("docker://\(registry.address)/debian@\(digest)"))
        #expect(wrong.joined().hasPrefix("4:14: cannot find the image '"), "\(wrong)")

        // A layer that is damaged where it is kept.
        let layer = try #require(
          try layers(try scene.compiled(try scene.recipe("oci:images/debian:it"))).first)
        let path = registry.path(ofBlob: layer.hex)
        var bytes = try Files.read(path)
        bytes[bytes.count / 2] ^= 1
        try Files.write(bytes, to: path)
        try Files.removeTree(scene.archive.cache)
        let damaged = scene.refusal(
          try scene.recipe("docker://\(registry.address)/debian:stable")
        ).joined()
        #expect(damaged.contains("is damaged"), "\(damaged)")
      }
      let nowhere = try scene.recipe("docker://127.0.0.1:9/debian:stable")
      let error = #expect(throws: CompileError.self) { try scene.compiled(nowhere) }
      guard case .failure(let failure) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(failure.object == "the registry 127.0.0.1:9")
      #expect(failure.cause.contains("connect"), "\(failure.cause)")
      let offline = #expect(throws: CompileError.self) {
        try scene.compiled(nowhere, offline: true)
      }
      guard case .failure(let failure) = offline else { return }
      #expect(failure.cause == "it was not fetched before")
    }
  }

  @Test func `a registry that wants to know us is told so, and takes what 'skopeo login' was told`()
    throws
  {
    try withScene { scene in
      let image = try scene.images.make("debian", [ImageFixture.debian])
      let folder = scene.archive.folder
      try Registry.with(.password, in: folder) { registry in
        try registry.push(image, as: "debian:stable", ["--dest-creds=user:secret"])
        let recipe = try scene.recipe("docker://\(registry.address)/debian:stable")
        let told = scene.refusal(recipe).joined()
        #expect(told.hasPrefix("4:14: the registry \(registry.address) denied access"), "\(told)")
        #expect(told.hasSuffix("log in with: skopeo login \(registry.address)"))

        let logins = "{\"auths\": {\"\(registry.address)\": {\"auth\": \"dXNlcjpzZWNyZXQ=\"}}}"
        try Files.write(Array(logins.utf8), to: "\(folder)/auth.json")
        defer { unsetenv("REGISTRY_AUTH_FILE") }
        // Whoever reads it waits.
        #expect(mkfifo("\(folder)/pipe", 0o600) == 0)
        setenv("REGISTRY_AUTH_FILE", "\(folder)/pipe", 1)
        let waits = #expect(throws: CompileError.self) { try scene.compiled(recipe) }
        guard case .failure(let failure) = waits else { return }
        #expect(failure.cause == "it is a named pipe, not a regular file")

        setenv("REGISTRY_AUTH_FILE", "\(folder)/auth.json", 1)
        #expect(try layers(try scene.compiled(recipe)).count == 1)
      }
      try Registry.with(.token, in: "\(folder)/other") { registry in
        try registry.push(image, as: "debian:stable")
        let recipe = try scene.recipe("docker://\(registry.address)/debian:stable")
        #expect(try layers(try scene.compiled(recipe)).count == 1)
      }
    }
  }

  /// A registry of the image `images/debian`, and another server that it leads to, each way under the name of a
  /// repository; of each request the server, its method and path, and the login are noted.
  private static let servers = """
    seen = []
    image = os.path.dirname(folder) + '/images/debian'
    def blob(digest):
        with open(image + '/blobs/sha256/' + digest[7:], 'rb') as file: return file.read()
    with open(image + '/index.json') as file: top = json.load(file)['manifests'][0]['digest']
    def content(path):
        name = path.split('?')[0].split('/')[-1]
        return blob(top if name == 'it' else name)
    class Server(Handler):
        def noted(self):
            size = int(self.headers.get('Content-Length') or 0)
            self.rfile.read(size)
            way = self.path.split('?')[0]
            login = self.headers.get('Authorization') or '-'
            note(' '.join([self.name, self.command, way, login]))
            return login
    class Registry(Server):
        name = 'registry'
        def do_HEAD(self): self.any()
        def do_GET(self): self.any()
        def do_PUT(self): self.any()
        def do_POST(self): self.any()
        def any(self):
            login = self.noted()
            other = 'http://127.0.0.1:%d' % ports[1]
            own = 'http://127.0.0.1:%d' % ports[0]
            if self.path.startswith('/token'): return self.answer(b'{"token": "OWN"}')
            if self.path == '/v2/': return self.answer(b'')
            way = self.path.split('/')[2]
            realm = {'foreign': other + '/token', 'own': own + '/token'}.get(way)
            if realm and not login.startswith('Bearer'):
                want = 'Bearer realm="%s",service="s",scope="x"' % realm
                return self.answer(b'', 401, WWW_Authenticate=want)
            if not realm and login == '-':
                self.send_response(401)
                if way == 'many': self.send_header('WWW-Authenticate', 'Negotiate')
                self.send_header('WWW-Authenticate', 'Basic realm="x"')
                self.send_header('Content-Length', '0')
                return self.end_headers()
            if self.command == 'HEAD':
                # A page for everything has its own length.
                if way == 'page': return self.answer(b'<html>')
                if way == 'moved': return self.answer(b'', 302, Location=other + '/page')
                return self.answer(b'', 404)
            if self.command == 'POST':
                if way == 'cut':
                    return self.answer(b'', 202, Location='ftp://x/' + 1950 * 'R' + login.split()[-1])
                if way == 'accent':
                    secret = base64.b64decode(login.split()[-1]).decode() + '\\u0301'
                    return self.answer(b'', 202, Location='ftp://x/' + secret.encode().decode('latin1'))
                if way == 'told':
                    return self.answer(b'', 202, Location='ftp://x/' + login.split()[-1])
                if way == 'relative' and 'x' not in seen:
                    seen.append('x')
                    return self.answer(b'', 202, Location='u/upload/relative?state=1#x')
                at = {'elsewhere': other, 'relative': '', 'file': 'file://'}.get(way, own)
                return self.answer(b'', 202, Location=at + '/upload/' + way + '?state=1')
            if self.command == 'PUT':
                if way == 'page' or '/page' in self.path: return self.answer(b'<html>', 200)
                if way == 'moved' or '/moved' in self.path:
                    return self.answer(b'', 307, Location=other + '/page')
                if way == 'other':
                    return self.answer(b'', 201, Docker_Content_Digest='sha256:' + 64 * '0')
                if way == 'echo':
                    said = json.dumps({'errors': [{'message': login + ' user:secret secret'}]})
                    return self.answer(said.encode(), 403)
                if way == 'full':
                    said = b'{"errors": [{"code": "DENIED", "message": "the quota is used up"}]}'
                    return self.answer(said, 403)
                return self.answer(b'', 201)
            if way == 'elsewhere' and '/blobs/' in self.path:
                return self.answer(b'', 302, Location=other + self.path)
            if way == 'liar' and 'it' in self.path.split('/'):
                return self.answer(content(self.path))
            self.answer(content(self.path) + (b' ' if way == 'liar' else b''))
    class Other(Server):
        name = 'other'
        def do_GET(self):
            self.noted()
            if self.path.startswith('/token'): return self.answer(b'{"token": "OTHER"}')
            self.answer(content(self.path))
        def do_PUT(self):
            self.noted()
            self.answer(b'', 201)
    listen(Registry, Other)
    """

  /// The login `user:secret`, as it is sent.
  private static let login = "Basic dXNlcjpzZWNyZXQ="

  /// Runs `body` with these servers and a login for the registry.
  private func withServers(_ body: (ContainerScene, PythonServer, String) throws -> Void) throws {
    try withScene { scene in
      _ = try scene.images.make("debian", [ImageFixture.debian])
      let folder = scene.archive.folder
      try PythonServer.with(Self.servers, in: folder + "/servers") { server in
        let registry = "127.0.0.1:\(server.ports[0])"
        try Files.write(
          Array("{\"auths\": {\"\(registry)\": {\"auth\": \"dXNlcjpzZWNyZXQ=\"}}}".utf8),
          to: "\(folder)/auth.json")
        setenv("REGISTRY_AUTH_FILE", "\(folder)/auth.json", 1)
        defer { unsetenv("REGISTRY_AUTH_FILE") }
        try body(scene, server, registry)
      }
    }
  }

  /// Who was told which login.
  private func told(_ notes: [String], _ server: String) -> Set<String> {
    Set(
      notes.map { $0.split(separator: " ", maxSplits: 3).map(String.init) }
        .filter { $0[0] == server }.map { $0[3] })
  }

  @Test func `compiling tells a login to the registry alone, whatever it leads to`() throws {
    try withServers { scene, server, registry in
      var seen = 0
      for (way, own, others) in [
        ("basic", ["-", Self.login], []),
        ("elsewhere", ["-", Self.login], ["-"]),
        ("many", ["-", Self.login], []),
        // Its own tokens are had for the login, others without.
        ("own", ["-", Self.login, "Bearer OWN"], []),
        ("foreign", ["-", "Bearer OTHER"], ["-"]),
      ] as [(String, Set<String>, Set<String>)] {
        try Files.removeTree(scene.archive.cache + "/containers")
        let manifest = try scene.compiled(try scene.recipe("docker://\(registry)/\(way):it"))
        #expect(try layers(manifest).count == 1)
        let notes = Array(server.notes[seen...])
        seen += notes.count
        #expect(told(notes, "registry") == own, "\(way): \(notes)")
        #expect(told(notes, "other") == others, "\(way): \(notes)")
      }
    }
  }

  @Test func `pushing tells a login to the registry alone, whatever it leads to`() throws {
    try withServers { scene, server, registry in
      func push(_ way: String) throws -> Digest {
        guard
          case .registry(let image) =
            try ImageReference(argument: "docker://\(registry)/\(way):it").place
        else { throw Failure("read", way, cause: "it is in no registry") }
        return try ImagePush(
          scene.archive.folder + "/images/debian", called: "it", to: image, isInsecure: false
        ).run(tags: ["it", "also"]) { _ in }
      }
      var seen = 0
      for (way, own, others) in [
        ("basic", ["-", Self.login], []),
        ("relative", ["-", Self.login], []),
        ("elsewhere", ["-", Self.login], ["-"]),
        ("own", ["-", Self.login, "Bearer OWN"], []),
        ("foreign", ["-", "Bearer OTHER"], ["-"]),
      ] as [(String, Set<String>, Set<String>)] {
        let digest = try push(way)
        let notes = Array(server.notes[seen...])
        seen += notes.count
        #expect(told(notes, "registry") == own, "\(way): \(notes)")
        #expect(told(notes, "other") == others, "\(way): \(notes)")
        // A configuration and a layer, then the manifest by its two names.
        let puts = notes.map { $0.split(separator: " ") }.filter { $0[1] == "PUT" }.map { $0[2] }
        let first = way == "relative" ? "/v2/relative/blobs/uploads/u" : ""
        #expect(
          puts == [
            "\(first)/upload/\(way)", "/upload/\(way)", "/v2/\(way)/manifests/it",
            "/v2/\(way)/manifests/also",
          ], "\(notes)")
        #expect(
          Files.exists("\(scene.archive.folder)/images/debian/blobs/sha256/\(digest.hex)"))
      }
      let away = #expect(throws: Failure.self) { try push("file") }
      #expect(away?.cause.contains("it is a file on this machine") == true, "\(away as Any)")
      // What only looks as if it had taken the image.
      for (way, cause) in [
        ("page", "status 200 instead of 201"), ("moved", "status 307 instead of 201"),
        ("other", "the registry has the image as sha256:0000"),
        ("echo", "status 403: Basic *** *** ***"), ("told", "takes layers at 'ftp://x/***'"),
        ("cut", "RRR***"), ("accent", "ftp://x/***\u{301}'"),
      ] {
        let failure = #expect(throws: Failure.self) { try push(way) }
        #expect(failure?.cause.contains(cause) == true, "\(way): \(failure as Any)")
      }
      let full = #expect(throws: Failure.self) { try push("full") }
      #expect(full?.cause.contains("status 403: the quota is used up") == true, "\(full as Any)")
    }
  }

  @Test func `what is pushed is what the image names`() throws {
    try withServers { scene, server, registry in
      let layout = scene.archive.folder + "/images/debian"
      guard
        case .registry(let image) =
          try ImageReference(argument: "docker://\(registry)/basic:it").place
      else { return }
      let push = ImagePush(layout, called: "it", to: image, isInsecure: false)
      let manifest = try scene.compiled(try scene.recipe("oci:images/debian:it"))
      let layer = "\(layout)/blobs/sha256/\(try #require(try layers(manifest).first).hex)"
      let whole = try Files.read(layer)
      try Files.write(whole + [0], to: layer)
      let longer = #expect(throws: Failure.self) { try push.run(tags: ["it"]) { _ in } }
      #expect(longer?.cause.contains("has another content") == true, "\(longer as Any)")
      // A stranger's layout with a link to a file of ours.
      unlink(layer)
      try Files.write(whole, to: layer + "-")
      #expect(symlink(layer + "-", layer) == 0)
      let link = #expect(throws: Failure.self) { try push.run(tags: ["it"]) { _ in } }
      #expect(link?.cause == "Too many levels of symbolic links", "\(link as Any)")
      #expect(!server.notes.contains { $0.contains("/manifests/") })
    }
  }

  @Test func `a registry that gives something else than was asked for is refused`() throws {
    try withServers { scene, _, registry in
      let told = scene.refusal(try scene.recipe("docker://\(registry)/liar:it")).joined()
      #expect(
        told.hasPrefix("4:14: the container image 'docker://\(registry)/liar:it' is damaged:"))
      #expect(told.contains("the digest of its "), "\(told)")
    }
  }
}
