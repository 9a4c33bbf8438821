internal import Files
internal import Glibc
internal import Model
internal import Synchronization

/// A pipe whose end tells what is in a sandbox that it must not be any more.
///
/// bubblewrap dies with its parent (`--die-with-parent`), and the sandbox's first process with
/// bubblewrap; but that process asks for it only when the sandbox is made. Where we are killed some
/// milliseconds before, a stage would run to its end with nobody there. So a stage looks, before it
/// does anything, whether this pipe still has its writing end, which no other process holds open:
/// StageKit's `Lifeline` has the rest.
final class Lifeline: Sendable {
  private let pipe: Mutex<Pipe>
  /// What a stage is given.
  let reading: Int32

  init() throws(Failure) {
    let made = try Pipe()
    reading = made.reading
    pipe = Mutex(made)
  }

  /// Ends it, as the end of this process does.
  func cut() { pipe.withLock { $0.endWriting() } }

  /// The option by which a stage's program knows of it.
  var option: [String] { [StageRequest.lifelineOption, String(reading)] }
}
