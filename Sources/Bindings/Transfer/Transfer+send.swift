internal import CCurl
internal import Files
internal import Glibc
internal import Model

extension Transfer {
  /// What is sent to a server.
  package enum Content: Sendable {
    /// Only a question, whose answer has no text.
    case question
    case bytes([UInt8], type: String)
    /// The bytes of a regular file, which stays open until it is sent: its number, and its size in bytes.
    case file(Int32, size: Int)
  }

  /// What a server says to what it was sent.
  package struct Reply: Sendable {
    /// RFC 9110, "Status Codes".
    package var status: Int
    /// The header `Location`, as the server sent it.
    package var location: String?
    /// How many bytes of text it sends, or would send if that were not left out.
    package var size: Int?
    /// What it says is the digest of what it has been sent (OCI distribution specification).
    package var digest: String?
    /// How the text begins that it sends.
    package var text: [UInt8]
    /// That it refuses; nil where it does not.
    package var problem: Problem?
  }

  /// Sends something to a server, and to no other that this one leads to.
  ///
  /// - Parameters:
  ///   - method: HEAD, POST or PUT.
  ///   - url: Where to: http or https, without a login.
  ///   - content: What is sent.
  ///   - patience: How long the server is waited for.
  ///   - authorization: Who we are, as RFC 9110's "Authorization" has it.
  /// - Returns: What the server says, whatever its status.
  /// - Throws: When the server cannot be reached, or does not answer.
  package borrowing func send(
    _ method: String, to url: String, _ content: Content,
    patience: Patience = Patience(), authorization: String? = nil
  ) throws(Problem) -> Reply {
    curl_easy_reset(handle)
    var headers = authorization.map { ["Authorization: \($0)"] } ?? []
    let sender: Sender
    switch content {
    case .question: sender = Sender([])
    case .bytes(let bytes, let type):
      headers.append("Content-Type: \(type)")
      sender = Sender(bytes)
    case .file(let file, let size):
      headers.append("Content-Type: application/octet-stream")
      sender = Sender(file, size: size)
    }
    let list = HeaderList(headers, handle)
    var errors = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
    let start = ContinuousClock.now
    let code = errors.withUnsafeMutableBufferPointer { errors in
      withExtendedLifetime((sender, list)) {
        set(url, patience, errors.baseAddress)
        set(method, sender)
        return curl_easy_perform(handle)
      }
    }
    if sender.isCutShort {
      throw Problem(cause: "the file got shorter while it was sent", isTransient: false)
    }
    guard code == CURLE_OK else {
      throw Self.problem(code, errors, isOver: patience.isOver(since: start))
    }
    var status = 0
    _ = particle_curl_get_status(handle, &status)
    var reply = Reply(
      status: status, location: answerHeaders("Location").last,
      size: answerHeaders("Content-Length").last.flatMap { Int($0) },
      digest: answerHeaders("Docker-Content-Digest").last, text: sender.answer)
    if !(200..<400).contains(status) {
      reply.problem = Problem(
        cause: "the server responded with status \(status)",
        isTransient: Self.isTransient(status), status: status,
        isRefused: status == 401 || status == 403,
        challenges: status == 401 ? answerHeaders("WWW-Authenticate") : [])
    }
    return reply
  }

  private borrowing func set(_ method: String, _ sender: Sender) {
    if method == "HEAD" {
      _ = particle_curl_set_long(handle, CURLOPT_NOBODY, 1)
    } else {
      _ = particle_curl_set_long(handle, CURLOPT_UPLOAD, 1)
      _ = particle_curl_set_offset(handle, CURLOPT_INFILESIZE_LARGE, Int64(sender.size))
      _ = particle_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, method)
    }
    let context = Unmanaged.passUnretained(sender).toOpaque()
    _ = particle_curl_set_sender(
      handle,
      { buffer, size, count, context in
        guard let buffer, let context else { return 0 }
        let sender = Unmanaged<Sender>.fromOpaque(context).takeUnretainedValue()
        return sender.fill(UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
      },
      { context, offset, origin in
        guard let context, origin == SEEK_SET else { return CURL_SEEKFUNC_CANTSEEK }
        Unmanaged<Sender>.fromOpaque(context).takeUnretainedValue().place = Int(offset)
        return CURL_SEEKFUNC_OK
      }, context)
    _ = particle_curl_set_receiver(
      handle,
      { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let sender = Unmanaged<Sender>.fromOpaque(context).takeUnretainedValue()
        return sender.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
      }, context)
    _ = particle_curl_set_header_receiver(
      handle,
      { _, size, count, context in
        guard let context else { return 0 }
        let sender = Unmanaged<Sender>.fromOpaque(context).takeUnretainedValue()
        return sender.takeHeader(size * count)
      }, context)
  }
}

/// What libcurl's callbacks need to know of what is sent, and what comes back.
private final class Sender {
  private let bytes: [UInt8]
  private let file: Int32?
  let size: Int
  var place = 0
  /// Whether the file has less than was promised.
  private(set) var isCutShort = false
  /// How the answer begins.
  private(set) var answer: [UInt8] = []
  private var answered = 0
  private var headers = 0

  /// How much of an answer is kept, in bytes: enough to see why.
  private static let mostKept = 16 << 10
  /// How long an answer may be, and its headers, in bytes.
  private static let mostAnswer = 1 << 20
  private static let mostHeaders = 256 << 10

  init(_ bytes: [UInt8]) {
    (self.bytes, file, size) = (bytes, nil, bytes.count)
  }

  init(_ file: Int32, size: Int) {
    (bytes, self.file, self.size) = ([], file, size)
  }

  /// Gives the next bytes.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, size - place)
    guard count > 0 else { return 0 }
    var got = count
    if let file {
      got = retrying { pread(file, buffer.baseAddress, count, off_t(place)) }
      guard got > 0 else {
        isCutShort = true
        return Int(CURL_READFUNC_ABORT)
      }
    } else {
      buffer.copyBytes(from: bytes[place..<place + count])
    }
    place += got
    return got
  }

  func take(_ piece: UnsafeRawBufferPointer) -> Int {
    answer += piece.prefix(Self.mostKept - answer.count)
    answered += piece.count
    return answered <= Self.mostAnswer ? piece.count : 0
  }

  func takeHeader(_ count: Int) -> Int {
    headers += count
    return headers <= Self.mostHeaders ? count : 0
  }
}
