internal import Files
internal import Glibc
package import Model
internal import Processes

/// A container registry on this machine: Debian's docker-registry.
package struct Registry: Sendable {
  /// `127.0.0.1:PORT`.
  package let address: String
  private let folder: String

  /// Whom a registry lets in.
  package enum Access: Sendable {
    case everybody
    /// `user` with the password `secret`.
    case password
    /// Everybody who has got a token, which everybody can get.
    case token
  }

  /// Runs `body` with a registry, which is empty, and ends with it.
  ///
  /// - Parameters:
  ///   - access: Whom it lets in.
  ///   - folder: Where it keeps its images.
  ///   - body: Given the registry.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws, and when it does not start.
  package static func with<Result>(
    _ access: Access = .everybody, in folder: String, _ body: (Registry) throws -> Result
  ) throws -> Result {
    let folder = "\(folder)/registry"
    try Files.makeDirectories(folder)
    var settings = """
      version: 0.1
      log: {level: info, accesslog: {disabled: true}}
      storage: {filesystem: {rootdirectory: \(folder)/images}}
      http: {addr: 127.0.0.1:0, secret: a}

      """
    var processes: [pid_t] = []
    defer {
      for process in processes {
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
      }
    }
    switch access {
    case .everybody: break
    case .password:
      // `htpasswd -nbB user secret`
      try Files.write(
        Array("user:$2b$04$JpnRyZW8zG2mRcsXtllGTeFlZvYHYoi/X5qBIIdpMQo0YkikQivu6\n".utf8),
        to: "\(folder)/users")
      settings += "auth: {htpasswd: {realm: here, path: \(folder)/users}}\n"
    case .token:
      try makeCertificate(in: folder)
      try Files.write(Array(tokenServer.utf8), to: "\(folder)/tokens.py")
      let log = "\(folder)/log2"
      let tokens = try start(["python3", "\(folder)/tokens.py", folder], log: log)
      processes.append(tokens)
      let port = try wait(for: tokens, log) { try? Files.readText("\(folder)/port") }
      settings += """
        auth:
          token:
            realm: http://127.0.0.1:\(port)/token
            service: here
            issuer: tests
            rootcertbundle: \(folder)/cert.pem

        """
    }
    try Files.write(Array(settings.utf8), to: "\(folder)/config.yml")
    let log = "\(folder)/log"
    let registry = try start(["docker-registry", "serve", "\(folder)/config.yml"], log: log)
    processes.append(registry)
    let address = try wait(for: registry, log) { () -> String? in
      let text = (try? Files.readText(log)) ?? ""
      guard let place = text.firstRange(of: "listening on 127.0.0.1:") else { return nil }
      let port = text[place.upperBound...].prefix { $0.isNumber }
      return "127.0.0.1:\(port)"
    }
    return try body(Registry(address: address, folder: folder))
  }

  /// Copies an image into the registry by skopeo.
  ///
  /// - Parameters:
  ///   - source: The image, as skopeo has it.
  ///   - name: Its name and tag in the registry.
  ///   - options: Further options of `skopeo copy`.
  /// - Throws: When skopeo fails.
  package func push(_ source: String, as name: String, _ options: [String] = []) throws(Failure) {
    _ = try Command(
      ["skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false"] + options
        + [source, "docker://\(address)/\(name)"]
    ).runChecked()
  }

  /// Puts a document there as it is: an index of several images.
  package func put(_ document: String, type: String, as name: String) throws(Failure) {
    let parts = name.split(separator: ":")
    let program = """
      import sys, urllib.request
      request = urllib.request.Request(sys.argv[1], data=sys.stdin.buffer.read(), method='PUT',
                                       headers={'Content-Type': sys.argv[2]})
      urllib.request.urlopen(request)
      """
    _ = try Command(
      [
        "python3", "-c", program, "http://\(address)/v2/\(parts[0])/manifests/\(parts[1])", type,
      ], input: Array(document.utf8)
    ).runChecked()
  }

  /// Puts an index there of images that are there, each for the machine that its tag names.
  ///
  /// - Parameters:
  ///   - machines: The machines, as OCI calls them.
  ///   - name: The images' name and the index's tag.
  /// - Returns: The entries of the index, as JSON.
  /// - Throws: When an image is not there.
  package func putIndex(of machines: [String], as name: String) throws(Failure) -> [String] {
    let repository = name.prefix { $0 != ":" }
    var entries: [String] = []
    for machine in machines {
      let raw = try Command([
        "skopeo", "inspect", "--raw", "--tls-verify=false",
        "docker://\(address)/\(repository):\(machine)",
      ]).runChecked().output
      let sum = try Command(["sha256sum"], input: raw).runChecked().text.prefix(64)
      let variant = machine == "arm64" ? ", \"variant\": \"v8\"" : ""
      entries.append(
        """
        {"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": \(raw.count),
         "digest": "sha256:\(sum)",
         "platform": {"os": "linux", "architecture": "\(machine)"\(variant)}}
        """)
    }
    let type = "application/vnd.oci.image.index.v1+json"
    try put(
      """
      {"schemaVersion": 2, "mediaType": "\(type)", "manifests": [\(entries.joined(separator: ","))]}
      """, type: type, as: name)
    return entries
  }

  /// The file of a blob.
  package func path(ofBlob hex: String) -> String {
    "\(folder)/images/docker/registry/v2/blobs/sha256/\(hex.prefix(2))/\(hex)/data"
  }

  /// Of this process.
  private static var variables: [String] {
    var found: [String] = []
    var place = environ
    while let variable = place.pointee {
      found.append(String(cString: variable))
      place += 1
    }
    return found
  }

  private static func start(_ words: [String], log: String) throws(Failure) -> pid_t {
    var process: pid_t = 0
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    // It takes what begins with REGISTRY_ for its settings, and other tests name a file of logins so.
    var variables = variables.filter { !$0.hasPrefix("REGISTRY_") }.map { strdup($0) } + [nil]
    defer { for variable in variables { free(variable) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 2, 1)
    guard posix_spawnp(&process, words[0], &actions, nil, &arguments, &variables) == 0 else {
      throw Failure(
        "start", words[0], cause: String(cString: strerror(errno)),
        remedy: "apt install \(words[0])")
    }
    return process
  }

  /// Waits for what a process says.
  ///
  /// - Parameters:
  ///   - process: The process.
  ///   - log: Where it says why it does not.
  ///   - look: Finds it.
  /// - Returns: What it says.
  /// - Throws: When it ends, or says nothing for two minutes.
  private static func wait(for process: pid_t, _ log: String, _ look: () -> String?)
    throws(Failure) -> String
  {
    func said() -> String { (try? Files.readText(log)) ?? "nothing" }
    for _ in 0..<6000 {
      if let found = look(), !found.isEmpty { return found }
      var information = siginfo_t()
      if waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) == 0,
        information.si_signo == SIGCHLD
      {
        throw Failure("start", "a registry", cause: "it ended: \(said())")
      }
      usleep(20_000)
    }
    throw Failure("start", "a registry", cause: "it does not say where it listens: \(said())")
  }

  private static func makeCertificate(in folder: String) throws(Failure) {
    _ = try Command([
      "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=tests", "-keyout",
      "\(folder)/key.pem", "-out", "\(folder)/cert.pem",
    ]).runChecked()
  }

  /// Gives everybody a token to pull and push, signed as the registry wants it (RFC 7519; the
  /// certificate in the header as RFC 7515 has it).
  private static let tokenServer = #"""
    import base64, http.server, json, os, subprocess, sys, time, urllib.parse
    folder = sys.argv[1]
    def coded(data): return base64.urlsafe_b64encode(data).rstrip(b'=')
    pem = open(folder + '/cert.pem').read().split('-----')[2].replace('\n', '')
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *a): pass
        def do_GET(self):
            asked = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
            access = []
            for scope in asked.get('scope', []):
                kind, name, actions = scope.split(':')
                access.append({'type': kind, 'name': name, 'actions': actions.split(',')})
            now = int(time.time())
            head = {'typ': 'JWT', 'alg': 'RS256', 'x5c': [pem]}
            body = {'iss': 'tests', 'sub': '', 'aud': asked['service'][0], 'exp': now + 600,
                    'nbf': now - 60, 'iat': now, 'jti': 'x', 'access': access}
            text = b'.'.join(coded(json.dumps(part).encode()) for part in (head, body))
            sign = ['openssl', 'dgst', '-sha256', '-sign', folder + '/key.pem']
            signature = subprocess.run(sign, input=text, stdout=subprocess.PIPE, check=True).stdout
            answer = json.dumps({'token': (text + b'.' + coded(signature)).decode(),
                                 'expires_in': 600}).encode()
            self.send_response(200)
            self.send_header('Content-Length', str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    open(folder + '/new', 'w').write(str(server.server_port))
    os.rename(folder + '/new', folder + '/port')
    server.serve_forever()
    """#
}
