internal import CCurl
package import Model

/// A connection to servers, kept open from one transfer to the next.
///
/// Proxies are taken from the environment (`http_proxy`, `https_proxy`, `no_proxy`). Nothing else is: libcurl looks for
/// no login by itself, and follows no redirect. A login goes to the server that it is given for, and to no other that
/// this one leads to.
package struct Transfer: ~Copyable {
  let handle: UnsafeMutableRawPointer

  /// How long a server is waited for.
  package struct Patience: Sendable {
    /// In seconds, for a connection to be made.
    package var connect: Int
    /// In seconds, for at least one byte per second to arrive.
    package var stall: Int
    /// In seconds, for all of an answer; 0 for as long as it takes.
    package var total: Int

    package init(connect: Int = 30, stall: Int = 30, total: Int = 0) {
      self.connect = connect
      self.stall = stall
      self.total = total
    }

    /// What is left of it for a request that is a part of one that began then.
    func rest(since start: ContinuousClock.Instant) -> Patience {
      guard total > 0 else { return self }
      var rest = self
      rest.total = max(1, total - Int((ContinuousClock.now - start).components.seconds))
      return rest
    }

    /// Whether a request that began then has had all its time.
    func isOver(since start: ContinuousClock.Instant) -> Bool {
      // libcurl may be a little early.
      total > 0 && ContinuousClock.now - start >= .milliseconds(total * 1000 - 250)
    }
  }

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

    /// How much of it is told that a server has written, in characters.
    private static let longest = 2000

    package init(
      cause: String, isTransient: Bool, status: Int? = nil, isRefused: Bool = false,
      challenges: [String] = []
    ) {
      let text = shown(withoutLogins(cause))
      self.cause = text.utf8.count > Self.longest ? text.prefix(Self.longest) + "…" : text
      self.isTransient = isTransient
      self.status = status
      self.isRefused = isRefused
      self.challenges = challenges
    }
  }

  private static let isReady = particle_curl_start() == CURLE_OK

  /// How the server of an encrypted connection proves who it is.
  package enum Identity: Sendable {
    /// By a certificate of an authority that this machine trusts.
    case verified
    /// Not at all.
    case unverified
  }

  private let identity: Identity

  /// - Parameter identity: How servers have to prove who they are.
  /// - Throws: When there is no memory.
  package init(_ identity: Identity = .verified) throws(Failure) {
    guard Self.isReady, let handle = curl_easy_init() else {
      throw Failure("start", "libcurl", cause: "it gave no reason")
    }
    self.handle = handle
    self.identity = identity
  }

  deinit { curl_easy_cleanup(handle) }

  /// How often a server may say that the file is elsewhere.
  private static let mostRedirects = 10

  /// Reads a file from a server, or a regular file of this machine.
  ///
  /// - Parameters:
  ///   - url: Where it is: http, https or file, without a login.
  ///   - offset: How many bytes of the file are not wanted, being here already.
  ///   - patience: How long the server is waited for.
  ///   - authorization: Who we are, as RFC 9110's "Authorization" has it; only the server of `url` is told.
  ///   - types: The types of documents that will do, where the server has a choice.
  ///   - receive: Is given the pieces in order; `restarted` says that the server begins from the
  ///     first byte in spite of `offset`. False ends the transfer.
  /// - Throws: Why the transfer did not come to its end, which may be that `receive` ended it.
  package borrowing func read(
    _ url: String, from offset: Int = 0, patience: Patience = Patience(),
    authorization: String? = nil, accepting types: [String] = [],
    receive: (_ bytes: UnsafeRawBufferPointer, _ restarted: Bool) -> Bool
  ) throws(Problem) {
    var address = try Self.address(url)
    if address.scheme == .file { return try readFile(address, from: offset, receive: receive) }
    var sent = authorization
    var isElsewhere = false
    let start = ContinuousClock.now
    do throws(Problem) {
      for _ in 0...Self.mostRedirects {
        let target = try request(
          address, offset, patience.rest(since: start), Self.headers(sent, types),
          isElsewhere: isElsewhere, receive)
        guard let target else { return }
        let next = try Self.address(target, sentBy: address)
        if next.origin != address.origin {
          isElsewhere = true
          sent = nil
        }
        address = next
      }
      throw Problem(
        cause: "the server redirected more than \(Self.mostRedirects) times", isTransient: false)
    } catch var problem {
      problem.cause = Self.withoutSecrets(problem.cause, of: authorization)
      throw problem
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
    return secrets.filter { $0.utf8.count > 3 }.reduce(text) { $0.replacing($1, with: "***") }
  }

  private static func headers(_ authorization: String?, _ types: [String]) -> [String] {
    (authorization.map { ["Authorization: \($0)"] } ?? [])
      + (types.isEmpty ? [] : ["Accept: \(types.joined(separator: ", "))"])
  }

  private static func address(_ url: String) throws(Problem) -> Address {
    do { return try Address(url) } catch {
      throw Problem(cause: "the URL is invalid: \(error.problem)", isTransient: false)
    }
  }

  /// The address that a server leads to.
  ///
  /// Neither a file of this machine nor what others can read on its way takes the place of what was asked for.
  private static func address(_ url: String, sentBy server: Address) throws(Problem) -> Address {
    func refusal(_ flaw: String) -> Problem {
      Problem(
        cause: "\(server.server) redirects to \(url), which is refused: \(flaw)",
        isTransient: false)
    }
    let address: Address
    do { address = try Address(url) } catch { throw refusal(error.problem) }
    if address.scheme == .file { throw refusal("it is a file on this machine") }
    if address.scheme == .http, server.scheme == .https { throw refusal("it is not encrypted") }
    return address
  }

  /// Asks one server.
  ///
  /// - Returns: The address that it leads to; nil when it gave the file.
  private borrowing func request(
    _ address: Address, _ offset: Int, _ patience: Patience, _ headers: [String],
    isElsewhere: Bool, _ receive: (UnsafeRawBufferPointer, Bool) -> Bool
  ) throws(Problem) -> String? {
    curl_easy_reset(handle)
    let headers = HeaderList(headers, handle)
    defer { withExtendedLifetime(headers) {} }
    var errors = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
    let start = ContinuousClock.now
    var isLong = false
    let code = errors.withUnsafeMutableBufferPointer { errors in
      withoutActuallyEscaping(receive) { receive in
        let receiver = Receiver(handle: handle, offset: offset, receive: receive)
        defer { isLong = receiver.headerSize > Receiver.mostHeaders }
        return withExtendedLifetime(receiver) {
          set(address.text, offset, patience, receiver, errors.baseAddress)
          return curl_easy_perform(handle)
        }
      }
    }
    if isLong {
      throw Problem(cause: "the server's headers are longer than 256 KiB", isTransient: false)
    }
    var status = 0
    _ = particle_curl_get_status(handle, &status)
    if (300..<400).contains(status), code == CURLE_WRITE_ERROR {
      throw Problem(
        cause: "the server sent more than 64 KiB of text with its redirects",
        isTransient: false)
    }
    if (300..<400).contains(status), code == CURLE_OK {
      guard let target = particle_curl_get_redirect(handle) else {
        throw Problem(cause: "the server responded with status \(status)", isTransient: false)
      }
      return String(cString: target)
    }
    guard code != CURLE_OK else { return nil }
    if code == CURLE_HTTP_RETURNED_ERROR, status > 0 {
      throw Problem(
        cause: isElsewhere
          ? "\(address.server), where the server redirected and which is sent no login, responded with status"
            + " \(status)"
          : "the server responded with status \(status)",
        isTransient: Self.isTransient(status), status: isElsewhere ? nil : status,
        isRefused: (status == 401 || status == 403) && !isElsewhere,
        challenges: status == 401 && !isElsewhere ? answerHeaders("WWW-Authenticate") : [])
    }
    throw Self.problem(code, errors, isOver: patience.isOver(since: start))
  }

  /// What the last answer said in its headers of one name.
  borrowing func answerHeaders(_ name: String) -> [String] {
    var values: [String] = []
    while let value = particle_curl_get_header(handle, name, values.count) {
      values.append(String(cString: value))
    }
    return values
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

  /// What every request needs.
  borrowing func set(
    _ url: String, _ patience: Patience, _ errors: UnsafeMutablePointer<CChar>?
  ) {
    _ = particle_curl_set_string(handle, CURLOPT_URL, url)
    _ = particle_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    _ = particle_curl_set_string(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    _ = particle_curl_set_string(handle, CURLOPT_USERAGENT, "particle-os")
    _ = particle_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
    _ = particle_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    // What is for this machine alone, a login among it, must not pass a proxy on another.
    if (try? Address(url))?.isLoopback == true {
      _ = particle_curl_set_string(handle, CURLOPT_PROXY, "")
    }
    _ = particle_curl_set_long(handle, CURLOPT_NETRC, PARTICLE_CURL_NETRC_IGNORED)
    let isVerified = identity == .verified
    _ = particle_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, isVerified ? 1 : 0)
    _ = particle_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, isVerified ? 2 : 0)
    _ = particle_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, patience.connect)
    _ = particle_curl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
    _ = particle_curl_set_long(handle, CURLOPT_LOW_SPEED_TIME, patience.stall)
    _ = particle_curl_set_long(handle, CURLOPT_TIMEOUT, patience.total)
    _ = particle_curl_set_errors(handle, errors)
  }

  private borrowing func set(
    _ url: String, _ offset: Int, _ patience: Patience, _ receiver: Receiver,
    _ errors: UnsafeMutablePointer<CChar>?
  ) {
    set(url, patience, errors)
    _ = particle_curl_set_long(handle, CURLOPT_FAILONERROR, 1)
    if offset > 0 { _ = particle_curl_set_string(handle, CURLOPT_RANGE, "\(offset)-") }
    let context = Unmanaged.passUnretained(receiver).toOpaque()
    _ = particle_curl_set_receiver(
      handle,
      { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let receiver = Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
        let all = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return receiver.take(all) ? all.count : 0
      }, context)
    _ = particle_curl_set_header_receiver(
      handle,
      { _, size, count, context in
        guard let context else { return 0 }
        let receiver = Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
        receiver.headerSize += size * count
        return receiver.headerSize > Receiver.mostHeaders ? 0 : size * count
      }, context)
  }
}

/// What libcurl's callbacks need to know.
private final class Receiver {
  let handle: UnsafeMutableRawPointer
  let receive: (UnsafeRawBufferPointer, Bool) -> Bool
  /// Whether bytes that arrive may be those of another answer than the file.
  private var isNew = true
  /// Whether the server may yet turn out to begin from the first byte.
  private var mayRestart: Bool
  /// Whether the answer leads elsewhere, so that its text is for nobody.
  private var isRedirect = false
  private var ignored = 0
  var headerSize = 0

  /// How much a server may say before the file comes, in bytes: libcurl keeps it all, and some versions without an end.
  static let mostHeaders = 256 << 10
  /// How much text may come with the address of another place, in bytes.
  private static let mostIgnored = 64 << 10

  init(
    handle: UnsafeMutableRawPointer, offset: Int,
    receive: @escaping (UnsafeRawBufferPointer, Bool) -> Bool
  ) {
    self.handle = handle
    self.receive = receive
    mayRestart = offset > 0
  }

  func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var restarted = false
    if isNew {
      var status = 0
      _ = particle_curl_get_status(handle, &status)
      isNew = false
      isRedirect = (300..<400).contains(status)
      restarted = mayRestart && status == 200
    }
    if isRedirect {
      ignored += bytes.count
      return ignored <= Self.mostIgnored
    }
    return receive(bytes, restarted)
  }
}

/// Headers of a request, kept until it is done: libcurl does not copy them.
final class HeaderList {
  private let list: UnsafeMutablePointer<curl_slist>?

  init(_ headers: [String], _ handle: UnsafeMutableRawPointer) {
    list = headers.reduce(nil) { curl_slist_append($0, $1) }
    if let list { _ = particle_curl_set_headers(handle, list) }
  }

  deinit { curl_slist_free_all(list) }
}

/// The errors of the network, as opposed to those of the request.
private let transient: Set<UInt32> = Set(
  [
    CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
    CURLE_OPERATION_TIMEDOUT, CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR,
    CURLE_SEND_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_SSL_CONNECT_ERROR,
    CURLE_WEIRD_SERVER_REPLY,
  ].map(\.rawValue))
