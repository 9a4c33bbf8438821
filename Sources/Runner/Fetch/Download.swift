internal import Files
internal import Glibc
internal import Hashing
package import Model
package import Transfer

/// One file to get from the network into a store.
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
  /// When this returns, the store has the file, verified. After each piece `received` is told how
  /// many bytes are here, and how many have just come; its false ends the download.
  ///
  /// - Throws: When no URL gives the file; the cause says of each why.
  package func run(
    into store: Store, by transfer: borrowing Transfer, patience: Transfer.Patience,
    received: (_ has: Int, _ new: Int) -> Bool = { _, _ in true }
  ) throws(Failure) {
    let part = store.partPath(digest)
    // What is not a file of ours was not left by a download, and a lock would go to what it leads to.
    if let information = try? Files.information(part), information.st_mode & S_IFMT != S_IFREG {
      try Files.removeTree(part)
    }
    while true {
      // Another run may be at the same file: wait for it, and see what it did.
      let lock = try FileLock(part, .exclusive)
      if store.hasSource(digest, size: source.size) {
        if lock.isOn(part) { unlink(part) }
        return
      }
      guard lock.isOn(part) else { continue }
      try get(part, store, transfer, patience, received)
      return
    }
  }

  private func get(
    _ part: String, _ store: Store, _ transfer: borrowing Transfer, _ patience: Transfer.Patience,
    _ received: (_ has: Int, _ new: Int) -> Bool
  ) throws(Failure) {
    var causes: [String] = []
    var isRefused = false
    for url in source.urls {
      do throws(Flaw) {
        let address: Address
        do { address = try Address(url) } catch {
          throw Flaw("\(shown(url)): \(error.problem); \(error.remedy)")
        }
        try get(part, from: address, store, transfer, patience, received)
        return
      } catch {
        if let failure = error.failure { throw failure }
        causes.append(error.cause)
        isRefused = isRefused || error.isRefused
      }
    }
    throw Failure(
      "download", "\(source.name) (\(digest))",
      cause: causes.isEmpty ? "the manifest has no URL for it" : causes.joined(separator: "\n  "),
      remedy: """
        \(isRefused ? "log in to the server" : "try again when the server works"); if it no longer has the file, compile the recipe again, \
        or copy the file to \(store.sourcePath(digest))
        """)
  }

  /// Why an address does not give the file.
  private struct Flaw: Error {
    var cause = ""
    /// Whether the server wants to know who we are, or does not like it.
    var isRefused = false
    /// What ends the download, whatever other addresses there are.
    var failure: Failure?

    init(_ cause: String, isRefused: Bool = false) {
      self.cause = cause
      self.isRefused = isRefused
    }

    init(_ failure: Failure) { self.failure = failure }
  }

  private func get(
    _ part: String, from address: Address, _ store: Store, _ transfer: borrowing Transfer,
    _ patience: Transfer.Patience, _ received: (_ has: Int, _ new: Int) -> Bool
  ) throws(Flaw) {
    var pauses = Self.pauses[...]
    var authorization = HostLogins.kept().lazy.compactMap { $0.login(for: address) }.first
      .map { "Basic \($0)" }
    var isAsked = false
    var note: String?
    var isStopped = false
    while true {
      let sink: Sink
      do { sink = try Sink(part, limit: source.size) } catch { throw Flaw(error) }
      let offset = sink.size
      do {
        if offset < source.size {
          try transfer.read(
            address.text, from: offset, patience: patience, authorization: authorization
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
          if let challenge = error.challenge, !isAsked, let registry = RegistryAccess(address) {
            isAsked = true
            do {
              if let answer = try registry.answer(challenge, by: transfer, patience),
                answer.authorization != authorization
              {
                (authorization, note) = (answer.authorization, answer.note)
                continue
              }
            } catch let problem { error = problem }
          }
          if error.isTransient, let pause = pauses.popFirst() {
            usleep(UInt32(pause) * 1000)
            continue
          }
          let notes =
            error.isRefused
            ? [note, Self.advice(for: address)].compactMap(\.self) + Self.distrusted : []
          throw Flaw(
            "\(address.text): " + ([error.cause] + notes).joined(separator: "; "),
            isRefused: error.isRefused)
        }
      }
      if let flaw = sink.flaw(expected: digest, isOfThisMachine: address.scheme == .file) {
        truncate(part, 0)
        // What an earlier run left may be what is wrong.
        if offset > 0 { continue }
        throw Flaw("\(address.text): \(flaw)")
      }
      store.admitReaders(to: part)
      // The time of the download must not reach a stage that looks.
      let time = [timespec(), timespec()]
      utimensat(AT_FDCWD, part, time, 0)
      do { try Files.rename(part, to: store.sourcePath(digest)) } catch { throw Flaw(error) }
      return
    }
  }

  /// Where a login belongs that the server may want; a registry's is told by its own note.
  private static func advice(for address: Address) -> String? {
    guard RegistryAccess(address) == nil else { return nil }
    let scheme = address.scheme == .http ? "http://" : ""
    return
      "if it wants a login, write it into ~/.netrc or /etc/apt/auth.conf.d/NAME.conf, mode 0600:"
      + " machine \(scheme)\(address.host) login USER password PASSWORD"
  }

  /// The files with logins that are there and not used.
  private static var distrusted: [String] {
    let flaws =
      Logins.files.map { ($0, Logins.flaw(of: $0)) }
      + HostLogins.files.map { ($0, LoginFile.distrust($0)) }
    return flaws.compactMap { path, flaw in
      flaw.map { "ignored the logins in \(path): \($0)" }
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
