internal import Files
package import Glibc
package import Model
package import Processes

extension Command {
  /// Runs the program with its words in the stage's log, and waits for its end.
  ///
  /// Where its output goes to an open file, only standard error is in the log.
  ///
  /// - Returns: What it wrote to standard output and standard error, in that order of time.
  /// - Throws: When it ends with anything but status 0; the failure has its last lines.
  @discardableResult package func runLogged(started: (pid_t) -> Void = { _ in }) throws(Failure)
    -> String
  {
    let (ending, text) = try runWithLog(started: started)
    guard ending.isSuccess else { throw failure(ending, said: text) }
    return text
  }

  /// Runs the program with its words in the stage's log, and waits for its end, whatever that is.
  ///
  /// - Returns: How it ended, and what it wrote to standard output and standard error.
  /// - Throws: When it could not be started.
  package func runWithLog(started: (pid_t) -> Void = { _ in }) throws(Failure) -> (
    ending: Ending, text: String
  ) {
    // One open file for both streams keeps their lines in the order they were written.
    let log = try FileDescriptor.inMemory()
    var command = self
    if case .descriptor = output {} else { command.output = .descriptor(log.raw) }
    command.errors = .descriptor(log.raw)
    let follower = try LogFollower(log.raw)
    let result = Result { () throws(Failure) in try command.run(started: started) }
    try follower.stop()
    let outcome = try result.get()
    let said = try log.readAll()
    return (outcome.ending, String(decoding: said, as: UTF8.self))
  }

  /// Runs the program with what `feed` writes to a pipe as its standard input.
  ///
  /// - Parameter feed: Gets the pipe's end to write to.
  /// - Throws: When the program ends with anything but status 0, or else what `feed` throws.
  package func runLogged(feed: (Int32) throws(Failure) -> Void) throws(Failure) {
    // A program that stops reading says why itself; being killed by the pipe would hide it.
    signal(SIGPIPE, SIG_IGN)
    let (reading, writing) = try makePipe()
    // As large as anybody may have it, so that the two sides seldom wait for each other.
    _ = fcntl(writing, pipeSizeCommand, 1 << 20)
    var command = self
    command.descriptors[0] = reading
    var failure: Failure?
    try command.runLogged { _ in
      // Only the program may hold the end that is read, or writing never learns of its end.
      close(reading)
      do throws(Failure) { try feed(writing) } catch { failure = error }
      close(writing)
    }
    if let failure { throw failure }
  }

  /// The same command with further variables, and without those that are nil.
  package func with(environment changes: [String: String?]) -> Command {
    var command = self
    var variables = environment ?? inheritedEnvironment()
    for (name, value) in changes { variables[name] = value }
    command.environment = variables
    return command
  }
}

/// fcntl(2)'s F_SETPIPE_SZ, which the C library shows only to GNU sources.
private let pipeSizeCommand: Int32 = 1031

/// The variables this process was started with.
private func inheritedEnvironment() -> [String: String] {
  var variables: [String: String] = [:]
  var position = environ
  while let entry = position.pointee {
    let text = String(cString: entry)
    if let (name, value) = text.cut(at: "=") { variables[name] = value }
    position += 1
  }
  return variables
}
