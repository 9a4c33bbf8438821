internal import Glibc
package import Model
internal import Processes
internal import Synchronization

/// A descriptor that is told what goes on, as JSON text sequences (RFC 7464).
///
/// The build never waits for it: a thread of its own writes, and what the reader does not take is
/// dropped beyond a limit. A reader that goes away is not missed.
package final class Monitor: Sendable {
  private struct State: Sendable {
    var waiting: [[UInt8]] = []
    /// Of what is waiting, in bytes.
    var size = 0
    var dropped = 0
    var isWriting = false
    var isGone = false
  }

  private let descriptor: Int32
  private let state = Mutex(State())

  /// How much may wait for the reader, in bytes.
  private static let limit = 1 << 20

  /// - Parameter descriptor: An open one; stages do not inherit it.
  package init(_ descriptor: Int32) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    // A reader that has gone gives EPIPE instead.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Whether a number is that of an open file.
  package static func isOpen(_ descriptor: Int32) -> Bool { fcntl(descriptor, F_GETFD) >= 0 }

  /// Has a record written, soon.
  package func send(_ record: Node) {
    let mustWrite = state.withLock { state in
      guard !state.isGone else { return false }
      let members = state.dropped > 0 ? [("dropped", Node.integer(state.dropped))] : []
      let text = record.adding(members).canonicalBytes
      guard state.size + text.count <= Self.limit else {
        state.dropped += 1
        return false
      }
      state.dropped = 0
      state.waiting.append([0x1e] + text + [0x0a])
      state.size += text.count
      defer { state.isWriting = true }
      return !state.isWriting
    }
    if mustWrite { startThread { self.write() } }
  }

  /// Waits until all is written, but not longer than some milliseconds.
  package func finish(within patience: Int) {
    for _ in 0..<patience / 5 where state.withLock(\.isWriting) { usleep(5000) }
  }

  private func write() {
    while let record = next() {
      guard !write(record) else { continue }
      state.withLock { state in
        state.isGone = true
        state.isWriting = false
        state.waiting = []
      }
      return
    }
  }

  private func next() -> [UInt8]? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.isWriting = false
        return nil
      }
      let record = state.waiting.removeFirst()
      state.size -= record.count - 2
      return record
    }
  }

  /// False when nobody will read it.
  private func write(_ record: [UInt8]) -> Bool {
    var rest = record[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&ready, 1, -1)
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }
}

extension Node {
  /// This object with further members.
  fileprivate func adding(_ members: [(String, Node)]) -> Node {
    guard case .object(let own) = value else { return self }
    return Node(.object(own + members.map { Member($0.0, $0.1) }))
  }
}
