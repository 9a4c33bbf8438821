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
    var isStopped = false
    for url in source.urls {
      var pauses = Self.pauses[...]
      var authorization: String?
      while true {
        let sink = try Sink(part, limit: source.size)
        let offset = sink.size
        do {
          if offset < source.size {
            try transfer.read(
              url, from: offset, patience: patience, authorization: authorization
            ) { bytes, restarted in
              guard sink.take(bytes, restarted: restarted) else { return false }
              isStopped = !received(sink.size, bytes.count)
              return !isStopped
            }
          }
        } catch {
          if let failure = sink.failure { throw failure }
          if isStopped { throw Failure("download", source.name, cause: "the build was ended") }
          if !sink.isTooLong {
            var error = error
            if let challenge = error.challenge, authorization == nil {
              do {
                authorization = try RegistryAccess(url: url)?
                  .authorization(challenge, by: transfer, patience)
                if authorization != nil { continue }
              } catch let problem { error = problem }
            }
            if error.isTransient, let pause = pauses.popFirst() {
              usleep(UInt32(pause) * 1000)
              continue
            }
            causes.append("\(url): \(error.cause)")
            break
          }
        }
        if let flaw = sink.flaw(expected: digest) {
          truncate(part, 0)
          // What an earlier run left may be what is wrong.
          if offset > 0 { continue }
          causes.append("\(url): \(flaw)")
          break
        }
        chmod(part, 0o644)
        // The time of the download must not reach a stage that looks.
        let time = [timespec(), timespec()]
        utimensat(AT_FDCWD, part, time, 0)
        try Files.rename(part, to: store.sourcePath(digest))
        return
      }
    }
    throw Failure(
      "download", "\(source.name) (\(digest))",
      cause: causes.isEmpty ? "the manifest has no URL for it" : causes.joined(separator: "\n  "),
      remedy: """
        try again when the server works; if the file is gone from it, compile the recipe again, \
        or put the file into the store as \(store.sourcePath(digest))
        """)
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
    file = try FileDescriptor.open(path, O_RDWR | O_CREAT)
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
  func flaw(expected: Digest) -> String? {
    if isTooLong { return "it gives more than the \(limit) bytes the manifest says" }
    if size != limit { return "it gives \(size) bytes, the manifest says \(limit)" }
    guard let found = hash.take()?.finish(), found != expected else { return nil }
    return "it gives another file, \(found)"
  }
}
