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
  /// - Throws: When libcurl cannot be started.
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
