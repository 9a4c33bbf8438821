internal import Files
internal import Glibc
internal import Hashing
package import Model
package import Transfer

/// One file to get from the network, whose size and digest are known.
package struct Download: Sendable {
  package var digest: Digest
  package var source: Source.Download

  package init(digest: Digest, source: Source.Download) {
    self.digest = digest
    self.source = source
  }

  /// Pauses before a URL is tried again, in milliseconds.
  package static let pauses = [200, 1000, 3000]

  /// Gets the file, going on from what an earlier try has left.
  ///
  /// When this returns, `part` is the file, verified. After each piece `received` is told how many bytes are here, and how
  /// many have just come; its false ends the download.
  ///
  /// - Parameters:
  ///   - part: The file to write, which is there already in part, or made.
  ///   - transfer: The connection to use.
  ///   - patience: How long servers are waited for.
  ///   - received: Told of each piece.
  /// - Throws: When no URL gives the file; the cause says of each why.
  package func get(
    _ part: String, by transfer: borrowing Transfer, patience: Transfer.Patience,
    received: (_ has: Int, _ new: Int) -> Bool = { _, _ in true }
  ) throws(Problem) {
    var problem = Problem(self)
    for url in source.urls {
      do throws(Flaw) {
        let address: Address
        do { address = try Address(url) } catch {
          throw Flaw("\(shown(url)): \(error.problem); \(error.remedy)")
        }
        try get(part, from: address, transfer, patience, received)
        return
      } catch {
        if let failure = error.failure {
          problem.failure = failure
          throw problem
        }
        problem.causes.append(error.cause)
        problem.isRefused = problem.isRefused || error.isRefused
        problem.isDamaged = problem.isDamaged || error.isDamaged
      }
    }
    throw problem
  }

  /// Why no address gave the file.
  package struct Problem: Error {
    private var name: String
    /// Of each address that was tried.
    package fileprivate(set) var causes: [String] = []
    /// Whether a server wants to know who we are, or does not like it.
    package fileprivate(set) var isRefused = false
    /// Whether a server gave another file.
    package fileprivate(set) var isDamaged = false
    /// What ended the download, whatever other addresses there are: not a server's fault.
    package fileprivate(set) var failure: Failure?

    /// - Parameters:
    ///   - download: What was to be got.
    ///   - failure: What failed on this machine, before any server was asked.
    init(_ download: Download, _ failure: Failure? = nil) {
      name = "\(download.source.name) (\(download.digest))"
      self.failure = failure
    }

    /// The same for a person.
    ///
    /// - Parameter remedy: What else can be done than to log in or to wait.
    /// - Returns: The failure.
    package func failure(orElse remedy: String) -> Failure {
      failure
        ?? Failure(
          "download", name,
          cause: causes.isEmpty
            ? "the manifest has no URL for it" : causes.joined(separator: "\n  "),
          remedy: (isRefused ? "log in to the server" : "try again when the server works")
            + "; \(remedy)")
    }
  }

  /// Why an address does not give the file.
  private struct Flaw: Error {
    var cause = ""
    /// Whether the server wants to know who we are, or does not like it.
    var isRefused = false
    var isDamaged = false
    /// What ends the download, whatever other addresses there are.
    var failure: Failure?

    init(_ cause: String, isRefused: Bool = false, isDamaged: Bool = false) {
      self.cause = cause
      self.isRefused = isRefused
      self.isDamaged = isDamaged
    }

    init(_ failure: Failure) { self.failure = failure }
  }

  private func get(
    _ part: String, from address: Address, _ transfer: borrowing Transfer,
    _ patience: Transfer.Patience, _ received: (_ has: Int, _ new: Int) -> Bool
  ) throws(Flaw) {
    var pauses = Self.pauses[...]
    var authorization = Authorization(for: address)
    var isAsked = false
    var isStopped = false
    while true {
      let sink: Sink
      do { sink = try Sink(part, limit: source.size) } catch { throw Flaw(error) }
      let offset = sink.size
      do {
        if offset < source.size {
          try transfer.read(
            address.text, from: offset, patience: patience, authorization: authorization.header
          ) { bytes, restarted in
            guard sink.take(bytes, restarted: restarted) else { return false }
            isStopped = !received(sink.size, bytes.count)
            return !isStopped
          }
        }
      } catch {
        if let failure = sink.failure { throw Flaw(failure) }
        if isStopped {
          throw Flaw(Failure("download", source.name, cause: "the build was stopped"))
        }
        if !sink.isTooLong {
          var error = error
          if !error.challenges.isEmpty, !isAsked {
            isAsked = true
            do {
              if try authorization.answer(error, by: transfer, patience) { continue }
            } catch let problem { error = problem }
          }
          if error.isTransient, let pause = pauses.popFirst() {
            usleep(UInt32(pause) * 1000)
            continue
          }
          let advice = error.isRefused ? authorization.advice : []
          let cause = authorization.withoutSecrets(error.cause)
          throw Flaw(
            "\(address.text): " + ([cause] + advice).joined(separator: "; "),
            isRefused: error.isRefused)
        }
      }
      if let flaw = sink.flaw(expected: digest, isOfThisMachine: address.scheme == .file) {
        truncate(part, 0)
        // What an earlier run left may be what is wrong.
        if offset > 0 { continue }
        throw Flaw("\(address.text): \(flaw)", isDamaged: true)
      }
      return
    }
  }
}

/// A file that grows, and the hash of what it has so far.
private final class Sink {
  private let file: FileDescriptor
  private let path: String
  private let limit: Int
  private var hash: SHA256?
  private(set) var size = 0
  private(set) var isTooLong = false
  /// Why it could not be written.
  private(set) var failure: Failure?

  /// Opens the file at its end.
  ///
  /// It may get as long as `limit`, in bytes.
  init(_ path: String, limit: Int) throws(Failure) {
    file = try FileDescriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW)
    self.path = path
    self.limit = limit
    let hash = SHA256()
    var size = 0
    try file.forEachPiece { (piece) throws(Failure) in
      switch piece {
      case .data(let bytes):
        hash.update(bytes)
        size += bytes.count
      case .hole(let count):
        hash.update([UInt8](repeating: 0, count: count))
        size += count
      }
    }
    self.hash = consume hash
    self.size = size
    if size > limit { restart() }
    lseek(file.raw, 0, SEEK_END)
  }

  func take(_ bytes: UnsafeRawBufferPointer, restarted: Bool) -> Bool {
    if restarted { restart() }
    guard size + bytes.count <= limit else {
      isTooLong = true
      return false
    }
    do { try file.write(bytes) } catch {
      failure = Failure("write", path, cause: error.cause, code: error.code)
      return false
    }
    hash?.update(bytes)
    size += bytes.count
    return true
  }

  private func restart() {
    ftruncate(file.raw, 0)
    lseek(file.raw, 0, SEEK_SET)
    hash = SHA256()
    size = 0
  }

  /// What is wrong with the whole file; nil when it is the one expected.
  ///
  /// Of a file of this machine not even the digest is told: it may be a secret that a manifest of others names.
  func flaw(expected: Digest, isOfThisMachine: Bool) -> String? {
    if isTooLong { return "it has more than the \(limit) bytes that the manifest says" }
    if size != limit { return "it has \(size) bytes, but the manifest says \(limit)" }
    guard let found = hash.take()?.finish(), found != expected else { return nil }
    if isOfThisMachine { return "its checksum is not the one in the manifest" }
    return "its checksum is \(found), not the one in the manifest"
  }
}
