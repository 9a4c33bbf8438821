internal import Files
internal import Glibc
internal import JSON
package import Model
internal import Processes

/// The logins for a repository that `skopeo login`, `podman login` and `docker login` have kept, in
/// files or by a program that keeps secrets (containers-auth.json(5); docker's "Credential helpers").
package struct Logins {
  private let host: String
  private let repository: String

  /// - Parameters:
  ///   - host: The registry, with its port where there is one.
  ///   - repository: The image's name in it.
  init(of host: String, _ repository: String) {
    self.host = host
    self.repository = repository
  }

  /// The first one, user and password as RFC 7617 has them in Base64; nil where there is none.
  var first: String? {
    for file in Self.files {
      guard let bytes = LoginFile.read(file), let document = try? JSON.parse(bytes, file: file)
      else { continue }
      if let secret = secret(in: document) { return secret }
    }
    return nil
  }

  /// Refuses a file named for logins that is there and not to be read, which would otherwise count as none.
  package static func check() throws(Failure) {
    guard let path = getenv("REGISTRY_AUTH_FILE").map({ String(cString: $0) }),
      Files.exists(path)
    else { return }
    do { _ = try FileDescriptor.openRegular(path) } catch {
      throw Failure(
        "read", "the logins in \(path)", cause: error.cause,
        remedy: "set REGISTRY_AUTH_FILE to a file that this user can read, or unset it")
    }
  }

  /// Why a file that is there has no logins for us; nil where it has, or is not there.
  static func flaw(of file: String) -> String? {
    if let reason = LoginFile.distrust(file) { return reason }
    guard let bytes = LoginFile.read(file) else { return nil }
    do {
      _ = try JSON.parse(bytes, file: file)
      return nil
    } catch { return error.problem }
  }

  private func secret(in document: Node) -> String? {
    for (server, helper) in Self.members(of: document["credHelpers"])
    where Self.host(server) == host {
      if let secret = Self.ask(helper.text, for: server) { return secret }
    }
    let kept = Self.members(of: document["auths"])
    for name in names {
      for (server, login) in kept where Self.host(server) == name {
        // It becomes a part of a header.
        if let secret = login["auth"]?.text, !secret.isEmpty, decodeBase64(secret) != nil {
          return secret
        }
      }
    }
    return Self.ask(
      document["credsStore"]?.text, for: host == Self.hubHost ? Self.hubName : host)
  }

  /// The files in which logins are looked for.
  static var files: [String] {
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    let home = variable("HOME") ?? "/root"
    return [
      variable("REGISTRY_AUTH_FILE"),
      variable("XDG_RUNTIME_DIR").map { "\($0)/containers/auth.json" },
      "/run/containers/\(LoginFile.user)/auth.json",
    ].compactMap { $0 } + ["\(home)/.config/containers/auth.json", "\(home)/.docker/config.json"]
  }

  /// Asks a program that keeps secrets: the server on its input, JSON as its answer.
  private static func ask(_ helper: String?, for server: String) -> String? {
    // The name becomes a part of a program's.
    guard let helper, !helper.isEmpty, !helper.contains("/"),
      let outcome = try? Command(
        ["docker-credential-\(helper)", "get"], input: Array(server.utf8)
      ).run(), outcome.ending.isSuccess,
      let answer = try? JSON.parse(outcome.output, file: helper),
      let user = answer["Username"]?.text, let secret = answer["Secret"]?.text,
      // What is no password, but a token to get others by.
      user != "<token>"
    else { return nil }
    return base64(Array("\(user):\(secret)".utf8))
  }

  /// What a login for this repository may be called, the closest first.
  private var names: [String] {
    var names: [String] = []
    var parts = repository.split(separator: "/")[...]
    while !parts.isEmpty {
      names.append("\(host)/\(parts.joined(separator: "/"))")
      parts = parts.dropLast()
    }
    return names + [host]
  }

  private static let hubHost = "registry-1.docker.io"
  /// Under which docker keeps a login for that host.
  private static let hubName = "https://index.docker.io/v1/"

  /// Docker keeps addresses of an older interface, and one server under another's name.
  private static func host(_ key: String) -> String {
    var name = key[...]
    for scheme in ["https://", "http://"] where name.hasPrefix(scheme) {
      name = name.dropFirst(scheme.utf8.count)
    }
    if name.hasSuffix("/") { name = name.dropLast() }
    for end in ["/v1", "/v2"] where name.dropLast(end.utf8.count).allSatisfy({ $0 != "/" }) {
      if name.hasSuffix(end) { name = name.dropLast(end.utf8.count) }
    }
    return ["docker.io", "index.docker.io"].contains(name) ? hubHost : String(name)
  }

  private static func members(of node: Node?) -> [(String, Node)] {
    guard case .object(let members)? = node?.value else { return [] }
    return members.map { ($0.key, $0.value) }
  }
}
