internal import CCurl
package import Model

/// A connection to servers, kept open from one transfer to the next.
///
/// Proxies are taken from the environment (`http_proxy`, `https_proxy`, `no_proxy`) and passwords
/// from `~/.netrc`.
package struct Transfer: ~Copyable {
  private let handle: UnsafeMutableRawPointer

  /// How long a server is waited for.
  package struct Patience: Sendable {
    /// In seconds, for a connection to be made.
    package var connect: Int
    /// In seconds, for at least one byte per second to arrive.
    package var stall: Int

    package init(connect: Int = 30, stall: Int = 30) {
      self.connect = connect
      self.stall = stall
    }
  }

  /// Why a transfer did not come to its end.
  package struct Problem: Error, Sendable {
    package var cause: String
    /// Whether the same request may succeed later.
    package var isTransient: Bool
    /// How the server wants to be told who we are (RFC 9110, "WWW-Authenticate"), where it does.
    package var challenge: String?

    package init(cause: String, isTransient: Bool, challenge: String? = nil) {
      self.cause = cause
      self.isTransient = isTransient
      self.challenge = challenge
    }
  }

  private static let isReady = particle_curl_start() == CURLE_OK

  package init() throws(Failure) {
    guard Self.isReady, let handle = curl_easy_init() else {
      throw Failure("start", "libcurl", cause: "it does not say why")
    }
    self.handle = handle
  }

  deinit { curl_easy_cleanup(handle) }

  /// Reads a file from a server.
  ///
  /// - Parameters:
  ///   - url: Where it is: http, https, ftp or file.
  ///   - offset: How many bytes of the file are not wanted, being here already.
  ///   - patience: How long the server is waited for.
  ///   - authorization: Who we are, as RFC 9110's "Authorization" has it; nil to take passwords from
  ///     `~/.netrc` only.
  ///   - receive: Is given the pieces in order; `restarted` says that the server begins from the
  ///     first byte in spite of `offset`. False ends the transfer.
  /// - Throws: Why the transfer did not come to its end, which may be that `receive` ended it.
  package borrowing func read(
    _ url: String, from offset: Int = 0, patience: Patience = Patience(),
    authorization: String? = nil,
    receive: (_ bytes: UnsafeRawBufferPointer, _ restarted: Bool) -> Bool
  ) throws(Problem) {
    curl_easy_reset(handle)
    let headers = authorization.map { particle_curl_set_header(handle, "Authorization: \($0)") }
    defer { if let headers { curl_slist_free_all(headers) } }
    var errors = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
    let code = errors.withUnsafeMutableBufferPointer { errors in
      withoutActuallyEscaping(receive) { receive in
        let receiver = Receiver(handle: handle, offset: offset, receive: receive)
        return withExtendedLifetime(receiver) {
          set(url, offset, patience, receiver, errors.baseAddress)
          return curl_easy_perform(handle)
        }
      }
    }
    var status = 0
    _ = particle_curl_get_status(handle, &status)
    guard code != CURLE_OK else { return }
    if code == CURLE_HTTP_RETURNED_ERROR {
      throw Problem(
        cause: "the server answers with status \(status)",
        isTransient: status >= 500 || status == 408 || status == 425 || status == 429,
        challenge: status == 401
          ? particle_curl_get_header(handle, "WWW-Authenticate").map { String(cString: $0) } : nil)
    }
    let said = String(
      decoding: errors.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let cause = said.isEmpty ? String(cString: curl_easy_strerror(code)) : said
    throw Problem(cause: cause, isTransient: transient.contains(code.rawValue))
  }

  private borrowing func set(
    _ url: String, _ offset: Int, _ patience: Patience, _ receiver: Receiver,
    _ errors: UnsafeMutablePointer<CChar>?
  ) {
    _ = particle_curl_set_string(handle, CURLOPT_URL, url)
    _ = particle_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https,ftp,file")
    _ = particle_curl_set_string(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    _ = particle_curl_set_string(handle, CURLOPT_USERAGENT, "particle-run")
    _ = particle_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 1)
    _ = particle_curl_set_long(handle, CURLOPT_MAXREDIRS, 10)
    _ = particle_curl_set_long(handle, CURLOPT_FAILONERROR, 1)
    _ = particle_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    _ = particle_curl_set_long(handle, CURLOPT_NETRC, PARTICLE_CURL_NETRC_OPTIONAL)
    _ = particle_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, patience.connect)
    _ = particle_curl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
    _ = particle_curl_set_long(handle, CURLOPT_LOW_SPEED_TIME, patience.stall)
    if offset > 0 { _ = particle_curl_set_string(handle, CURLOPT_RANGE, "\(offset)-") }
    _ = particle_curl_set_errors(handle, errors)
    _ = particle_curl_set_receiver(
      handle,
      { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let receiver = Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
        let all = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return receiver.take(all) ? all.count : 0
      }, Unmanaged.passUnretained(receiver).toOpaque())
  }
}

/// What libcurl's callback needs to know.
private final class Receiver {
  let handle: UnsafeMutableRawPointer
  let receive: (UnsafeRawBufferPointer, Bool) -> Bool
  /// Whether the server may yet turn out to begin from the first byte.
  var mayRestart: Bool

  init(
    handle: UnsafeMutableRawPointer, offset: Int,
    receive: @escaping (UnsafeRawBufferPointer, Bool) -> Bool
  ) {
    self.handle = handle
    self.receive = receive
    mayRestart = offset > 0
  }

  func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var status = 0
    if mayRestart { _ = particle_curl_get_status(handle, &status) }
    let restarted = mayRestart && status == 200
    mayRestart = false
    return receive(bytes, restarted)
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
