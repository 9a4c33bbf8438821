internal import CCurl
internal import Model

extension Transfer {
  /// Why a transfer did not come to its end.
  package struct Problem: Error, Sendable {
    package var cause: String
    /// Whether the same request may succeed later.
    package var isTransient: Bool
    /// What the server that was asked responded with (RFC 9110, "Status Codes"); nil where it gave no whole answer, or led
    /// elsewhere.
    package var status: Int?
    /// Whether a login is missing, or the one given is not right.
    package var isRefused: Bool
    /// How the server that was asked wants to be told who we are (RFC 9110, "WWW-Authenticate"), one for each way that it
    /// knows; never what another one wants that it leads to.
    package var challenges: [String]

    package init(
      cause: String, isTransient: Bool, status: Int? = nil, isRefused: Bool = false,
      challenges: [String] = []
    ) {
      self.cause = shown(withoutLogins(cause))
      self.isTransient = isTransient
      self.status = status
      self.isRefused = isRefused
      self.challenges = challenges
    }
  }

  /// A server's text without what it was told of us, which it may repeat.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - authorization: What it was told.
  /// - Returns: The text with `***` in place of the login or token and its parts.
  package static func withoutSecrets(_ text: String, of authorization: String?) -> String {
    guard let credential = authorization?.split(separator: " ").last.map(String.init) else {
      return text
    }
    var secrets = [credential]
    // A text without all letters of a short one would say nothing.
    if let login = decodeBase64(credential).map({ String(decoding: $0, as: UTF8.self) }),
      let colon = login.firstIndex(of: ":")
    {
      secrets += [login, String(login[login.index(after: colon)...])]
    }
    return secrets.filter { $0.utf8.count > 3 }.reduce(text) { hiding($1, in: $0) }
  }

  /// A text with `***` in place of some bytes: as characters, those with an accent behind them would be others.
  private static func hiding(_ secret: String, in text: String) -> String {
    let (wanted, bytes) = (Array(secret.utf8), Array(text.utf8))
    var shown: [UInt8] = []
    var place = 0
    while place < bytes.count {
      if bytes[place...].starts(with: wanted) {
        shown += "***".utf8
        place += wanted.count
      } else {
        shown.append(bytes[place])
        place += 1
      }
    }
    return String(decoding: shown, as: UTF8.self)
  }

  /// Whether the same request may have another answer later.
  static func isTransient(_ status: Int) -> Bool {
    status >= 500 || status == 408 || status == 425 || status == 429
  }

  /// Why libcurl has no answer.
  ///
  /// - Parameters:
  ///   - code: Its code.
  ///   - errors: Its text.
  ///   - isOver: Whether the whole answer has had its time: another try would have no more.
  /// - Returns: The problem.
  static func problem(_ code: CURLcode, _ errors: [CChar], isOver: Bool) -> Problem {
    let said = String(
      decoding: errors.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let cause =
      said.isEmpty ? String(cString: curl_easy_strerror(code)) : withoutProxysLogin(said)
    return Problem(cause: cause, isTransient: transient.contains(code.rawValue) && !isOver)
  }

  /// Removes a proxy's login from what libcurl says.
  ///
  /// libcurl quotes an address that it cannot parse. Without a scheme, `withoutLogins` does not see that it is one.
  private static func withoutProxysLogin(_ text: String) -> String {
    guard text.contains("proxy"), let quote = text.firstIndex(of: "'"),
      let end = text.lastIndex(of: "@"), quote < end
    else { return text }
    return text[...quote] + "***" + text[end...]
  }
}

/// The errors of the network, as opposed to those of the request.
private let transient: Set<UInt32> = Set(
  [
    CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
    CURLE_OPERATION_TIMEDOUT, CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR,
    CURLE_SEND_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_SSL_CONNECT_ERROR,
    CURLE_WEIRD_SERVER_REPLY,
  ].map(\.rawValue))
