internal import CLinux
internal import Dispatch
internal import Files
internal import Glibc
internal import Model
internal import Synchronization

/// Writes what comes out of a pipe to a file, on a thread of its own, up to a limit: a stage that
/// never stops talking must not fill the disk.
final class LogKeeper: Sendable {
  /// In bytes.
  static let limit = 64 << 20
  private static let end = "\n(the log ends here: the stage wrote more than 64 MiB)\n"

  private let group = DispatchGroup()
  private let failure = Mutex<Failure?>(nil)

  /// Begins.
  ///
  /// - Parameters:
  ///   - pipe: The reading end, which must stay open until `finish` is done.
  ///   - path: The file, which is made anew.
  /// - Throws: When the file can't be made.
  init(_ pipe: Int32, to path: String) throws(Failure) {
    let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, mode: 0o644)
    let raw = particle_duplicate_from(file.raw, 3)
    guard raw >= 0 else { throw .system("open", path) }
    group.enter()
    // A queue of its own has a thread of its own: it must not wait for those of the stages.
    DispatchQueue(label: "particle.log").async {
      defer { self.group.leave() }
      do throws(Failure) { try Self.copy(pipe, to: FileDescriptor(owning: raw)) } catch {
        let told = Failure(error.operation, path, cause: error.cause, code: error.code)
        self.failure.withLock { $0 = told }
      }
    }
  }

  /// Waits until nobody can write into the pipe any more.
  ///
  /// - Throws: When the file could not take what was written.
  func finish() throws(Failure) {
    group.wait()
    if let failure = failure.withLock(\.self) { throw failure }
  }

  /// Reads to the end even when it can't write, so that who writes into the pipe never waits.
  private static func copy(_ pipe: Int32, to file: consuming FileDescriptor) throws(Failure) {
    // Negative when there was more than that.
    var room = limit
    var failure: Failure?
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = retrying { read(pipe, &buffer, buffer.count) }
      guard count > 0 else { break }
      guard room >= 0, failure == nil else { continue }
      do throws(Failure) {
        try file.write(Array(buffer[..<min(count, room)]))
        if count > room { try file.write(Array(end.utf8)) }
      } catch { failure = error }
      room -= count
    }
    if let failure { throw failure }
  }
}
