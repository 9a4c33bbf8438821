internal import CCurl

/// What libcurl's callbacks need to know.
final class Receiver {
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
