internal import Glibc
internal import JSON
package import Model
internal import Transfer

/// How a container registry lets us have its blobs: many want a token of anybody, and some a
/// password for it (distribution's "Token Authentication Specification").
///
/// The registry itself says where tokens are had. Its password is given there only if that is the registry's own server,
/// or one that is known to be: otherwise whoever answers in its name would get it sent where he likes.
package struct RegistryAccess: Sendable {
  private let address: Address
  private let repository: String

  /// - Parameter address: That of a blob, `https://HOST/v2/REPOSITORY/blobs/DIGEST`; nil comes of
  ///   any other.
  package init?(_ address: Address) {
    let path = address.path
    guard path.hasPrefix("/v2/"), let end = path.firstRange(of: "/blobs/") else { return nil }
    self.init(at: address, String(path[..<end.lowerBound].dropFirst(4)))
  }

  /// - Parameters:
  ///   - address: Any address of the registry; nil comes of one where others can read on the way what is sent.
  ///   - repository: What images in it are called.
  package init?(at address: Address, _ repository: String) {
    guard address.scheme != .file, address.isPrivate else { return nil }
    self.address = address
    self.repository = repository
  }

  /// What the registry is told.
  package struct Answer: Sendable, Equatable {
    /// The value of a header `Authorization`.
    package var authorization: String
    /// Why a login that is there was not used; nil where it was, or there is none.
    package var note: String?
  }

  /// What is kept for it, as RFC 7617 has it in Base64; nil where there is nothing.
  var login: String? {
    Logins(of: address.server, repository).first
      ?? HostLogins.kept().lazy.compactMap { $0.login(for: address) }.first
  }

  /// What the registry wants to be told.
  ///
  /// - Parameters:
  ///   - challenges: The ways that it knows.
  ///   - login: What is kept for it.
  ///   - transfer: Fetches a token where it wants one.
  ///   - patience: How long servers are waited for.
  /// - Returns: What to tell it; nil where we have nothing.
  /// - Throws: Why there is no token.
  func answer(
    _ challenges: [String], _ login: String?, by transfer: borrowing Transfer,
    _ patience: Transfer.Patience
  ) throws(Transfer.Problem) -> Answer? {
    guard let challenge = challenges.first(where: { $0.lowercased().hasPrefix("bearer ") }) else {
      let isBasic = challenges.contains { $0.lowercased().hasPrefix("basic") }
      return isBasic ? login.map { Answer(authorization: "Basic \($0)") } : nil
    }
    let asked = Self.parameters(challenge.dropFirst(7))
    guard let text = asked["realm"] else { return nil }
    let realm: Address
    do { realm = try Address(text) } catch {
      throw Transfer.Problem(
        cause: "the registry names the token server '\(text)': \(error.problem)",
        isTransient: false)
    }
    guard realm.scheme == .https || (realm.isLoopback && address.isLoopback) else {
      throw Transfer.Problem(
        cause: "the registry names the token server '\(text)', which does not use HTTPS",
        isTransient: false)
    }
    let isTrusted = Self.belongs(realm, to: address, by: Self.known)
    let secret = isTrusted ? login : nil
    let token: String
    if realm.origin == address.origin {
      token = try self.token(at: realm, asked, login: secret, by: transfer, patience)
    } else {
      // That the registry need not prove who it is says nothing of other servers.
      let other: Transfer
      do { other = try Transfer() } catch {
        throw Transfer.Problem(cause: error.cause, isTransient: false)
      }
      token = try self.token(at: realm, asked, login: secret, by: other, patience)
    }
    guard !isTrusted, login != nil else { return Answer(authorization: "Bearer \(token)") }
    return Answer(
      authorization: "Bearer \(token)",
      note: "the login was not sent to its token server \(realm.server), which is another server;"
        + " if you trust it, set PARTICLE_TOKEN_SERVERS=\(address.server)=\(realm.server)")
  }

  private func token(
    at realm: Address, _ asked: [String: String], login: String?, by transfer: borrowing Transfer,
    _ patience: Transfer.Patience
  ) throws(Transfer.Problem) -> String {
    let query = ["service", "scope"].compactMap { key in
      asked[key].map { "\(key)=\(Self.escaped($0))" }
    }
    let url = realm.text + (realm.text.contains("?") ? "&" : "?") + query.joined(separator: "&")
    var answer: [UInt8] = []
    try transfer.read(url, patience: patience, authorization: login.map { "Basic \($0)" }) {
      bytes, restarted in
      if restarted { answer = [] }
      answer += bytes
      return answer.count < 1 << 20
    }
    let document = try? JSON.parse(answer, file: url, allowsDecimals: true)
    for key in ["token", "access_token"] {
      // It becomes a part of a header.
      if case .string(let token)? = document?[key]?.value, !token.isEmpty,
        token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
      {
        return token
      }
    }
    throw Transfer.Problem(cause: "\(realm.server) returned no token", isTransient: false)
  }

  /// Whether the server of tokens may have the registry's password.
  ///
  /// - Parameters:
  ///   - realm: Where the registry has tokens.
  ///   - registry: The registry.
  ///   - known: Servers of tokens by their registries, each with its port where that is not the usual one.
  /// - Returns: Whether it is the registry's own server, or the one that is known to be its.
  package static func belongs(_ realm: Address, to registry: Address, by known: [String: String])
    -> Bool
  {
    if realm.origin == registry.origin { return true }
    return realm.isPrivate && known[registry.server] == realm.server
  }

  /// Registries that have tokens elsewhere: those that all the world uses, and what `PARTICLE_TOKEN_SERVERS` says.
  private static var known: [String: String] {
    let given = getenv("PARTICLE_TOKEN_SERVERS").map { String(cString: $0) } ?? ""
    let pairs = given.split(whereSeparator: { $0 == "," || $0.isWhitespace }).compactMap { pair in
      let parts = pair.split(separator: "=", maxSplits: 1).map { $0.lowercased() }
      return parts.count == 2 ? (parts[0], parts[1]) : nil
    }
    let usual = [
      ("registry-1.docker.io", "auth.docker.io"), ("registry.gitlab.com", "gitlab.com"),
    ]
    return Dictionary(usual + pairs) { $1 }
  }

  /// `key="value",key="value"` (RFC 9110, "Authentication Parameters").
  private static func parameters(_ text: Substring) -> [String: String] {
    var parameters: [String: String] = [:]
    var rest = text
    while let equals = rest.firstIndex(of: "=") {
      let key = rest[..<equals].drop { $0 == "," || $0 == " " }.lowercased()
      rest = rest[rest.index(after: equals)...]
      if rest.first == "\"" {
        rest = rest.dropFirst()
        let end = rest.firstIndex(of: "\"") ?? rest.endIndex
        parameters[key] = String(rest[..<end])
        rest = rest[end...].dropFirst()
      } else {
        let end = rest.firstIndex(of: ",") ?? rest.endIndex
        parameters[key] = String(rest[..<end])
        rest = rest[end...]
      }
    }
    return parameters
  }

  private static func escaped(_ text: String) -> String {
    let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:,".utf8)
    return text.utf8.map { byte in
      if kept.contains(byte) { return String(decoding: [byte], as: UTF8.self) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
    }.joined()
  }
}
