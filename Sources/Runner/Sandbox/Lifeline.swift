internal import Files
internal import Glibc
internal import Model
internal import Synchronization

/// A pipe whose end tells a sandbox's first process that it must not start a stage any more.
///
/// bubblewrap dies with its parent (`--die-with-parent`), and the sandbox's first process with
/// bubblewrap; but that process asks for it only when the sandbox is made. Where we are killed some
/// milliseconds before, a stage would run to its end with nobody there. So that process looks, after it
/// has asked and before it starts anything, whether this pipe still has its writing end, which no
/// other process holds open: `Sources/Init` has the rest.
final class Lifeline: Sendable {
  private let pipe: Mutex<Pipe>
  /// What the sandbox is given.
  let reading: Int32

  init() throws(Failure) {
    let made = try Pipe()
    reading = made.reading
    pipe = Mutex(made)
  }

  /// Ends it, as the end of this process does.
  func cut() { pipe.withLock { $0.endWriting() } }
}
