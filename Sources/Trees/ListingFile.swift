internal import Files
internal import Glibc
internal import Hashing
internal import Model
internal import Synchronization

/// Writes and hashes the text of a listing while its pieces are made, which may be in any order: a
/// desktop's text is long, and is never in memory as a whole.
final class ListingFile: Sendable {
  private struct State: ~Copyable {
    var file: FileDescriptor
    /// Nil when it is finished.
    var hash: SHA256? = SHA256()
    var next = 0
    /// Pieces that came before their turn.
    var early: [Int: [UInt8]] = [:]
    var error: Failure?
  }

  private let state: Mutex<State>

  /// - Parameter path: The file to make.
  /// - Throws: When it cannot be written.
  init(_ path: String) throws(Failure) {
    let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
    guard fchmod(file.raw, 0o644) == 0 else { throw .system("set the mode of", path) }
    state = Mutex(State(file: file))
    add(Array(Listing.firstLine.utf8), at: 0)
  }

  /// Takes the lines of some entries, each with its end; their place in the order is `number`, of
  /// which 0 is the first line's.
  func add(_ lines: [UInt8], at number: Int) {
    state.withLock { state in
      state.early[number] = lines
      while let lines = state.early.removeValue(forKey: state.next) {
        state.next += 1
        lines.withUnsafeBytes { state.hash?.update($0) }
        do throws(Failure) { try state.file.write(lines) } catch {
          state.error = state.error ?? error
        }
      }
    }
  }

  /// The digest of the whole text.
  ///
  /// - Throws: When some of it could not be written.
  func finish() throws(Failure) -> Digest {
    try state.withLock { (state) throws(Failure) in
      if let error = state.error { throw error }
      guard let hash = state.hash.take() else {
        throw Failure("hash", "a listing", cause: "it is already finished")
      }
      return hash.finish()
    }
  }
}
