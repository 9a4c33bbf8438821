internal import Files
internal import Glibc
internal import Model

/// Copies what a program writes to its log into ours while the program runs.
///
/// The program's log is a file in memory and not a pipe, because a daemon that a package's script
/// leaves behind would keep a pipe open for ever.
struct LogFollower {
  private let wake: Int32
  private let errand: Errand<Void>

  /// - Parameter log: The open file, which must stay open until `stop`.
  /// - Throws: When there is no pipe to be had.
  init(_ log: Int32) throws(Failure) {
    let (reading, writing) = try makePipe()
    wake = writing
    errand = Errand { () throws(Failure) in
      let end = FileDescriptor(owning: reading)
      var position: off_t = 0
      while !Self.waits(for: end.raw) { position = Self.copy(log, from: position) }
      _ = Self.copy(log, from: position)
    }
  }

  /// Copies the rest and ends.
  func stop() throws(Failure) {
    close(wake)
    try errand.wait()
  }

  /// Waits a moment; true once the pipe's other end is closed.
  private static func waits(for end: Int32) -> Bool {
    var watched = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
    return poll(&watched, 1, 200) > 0
  }

  private static func copy(_ log: Int32, from start: off_t) -> off_t {
    var position = start
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = retrying { pread(log, &chunk, chunk.count, position) }
      guard count > 0 else { return position }
      Log.write(Array(chunk[..<count]))
      position += off_t(count)
    }
  }
}

/// A pipe whose ends are closed in the programs we start.
func makePipe() throws(Failure) -> (reading: Int32, writing: Int32) {
  var ends: [Int32] = [0, 0]
  guard pipe(&ends) == 0 else { throw .system("make", "a pipe") }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  return (ends[0], ends[1])
}
