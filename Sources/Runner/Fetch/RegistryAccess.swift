internal import JSON
internal import Model
internal import Transfer

/// How a container registry lets us have its blobs: many want a token of anybody, and some a
/// password for it (distribution's "Token Authentication Specification").
struct RegistryAccess {
  private let host: String
  private let repository: String
  /// Whether it is a server of this machine, which may do without TLS.
  private let isPlain: Bool

  /// - Parameter url: The address of a blob, `https://HOST/v2/REPOSITORY/blobs/DIGEST`; nil comes of
  ///   any other.
  init?(url: String) {
    guard let scheme = url.firstRange(of: "://"), let start = url.firstRange(of: "/v2/"),
      let end = url.firstRange(of: "/blobs/"), scheme.upperBound < start.lowerBound,
      start.upperBound < end.lowerBound
    else { return nil }
    host = String(url[scheme.upperBound..<start.lowerBound])
    repository = String(url[start.upperBound..<end.lowerBound])
    isPlain = url.hasPrefix("http://")
    // What we know of us is not for everybody to read on its way.
    guard !isPlain || ["127.0.0.1", "[::1]", "localhost"].contains(Self.name(of: host)) else {
      return nil
    }
  }

  /// What the registry wants to be told.
  ///
  /// - Parameters:
  ///   - challenge: What it asks.
  ///   - transfer: Fetches a token where it wants one.
  ///   - patience: How long servers are waited for.
  /// - Returns: The value of a header `Authorization`; nil where we have none.
  /// - Throws: Why there is no token.
  func authorization(
    _ challenge: String, by transfer: borrowing Transfer, _ patience: Transfer.Patience
  ) throws(Transfer.Problem) -> String? {
    let login = Logins(of: host, repository).first
    if challenge.lowercased().hasPrefix("basic") { return login.map { "Basic \($0)" } }
    guard challenge.lowercased().hasPrefix("bearer ") else { return nil }
    let asked = Self.parameters(challenge.dropFirst(7))
    guard let realm = asked["realm"], realm.hasPrefix("https://") || isPlain else { return nil }
    let query = ["service", "scope"].compactMap { key in
      asked[key].map { "\(key)=\(Self.escaped($0))" }
    }
    let url = realm + (realm.contains("?") ? "&" : "?") + query.joined(separator: "&")
    var answer: [UInt8] = []
    try transfer.read(url, patience: patience, authorization: login.map { "Basic \($0)" }) {
      bytes, restarted in
      if restarted { answer = [] }
      answer += bytes
      return answer.count < 1 << 20
    }
    let document = try? JSON.parse(answer, file: url, allowsDecimals: true)
    for key in ["token", "access_token"] {
      if case .string(let token)? = document?[key]?.value { return "Bearer \(token)" }
    }
    throw Transfer.Problem(cause: "\(realm) gives no token", isTransient: false)
  }

  /// A host without its port.
  private static func name(of host: String) -> String {
    guard let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") else { return host }
    return String(host[..<colon])
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
