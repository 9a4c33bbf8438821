internal import ArgumentParser
internal import Files
internal import Glibc
internal import Model
internal import Processes

/// One of the two programs that do the work; it is beside this one.
///
/// They stay programs of their own: what they link is not loaded for `particle version`, and each
/// says what it says when it is called by its own name.
enum Sibling: String {
  case compile = "particle-compile"
  case run = "particle-run"

  private func path() throws(Failure) -> String {
    let own: String
    do { own = try Files.linkTarget("/proc/self/exe") } catch {
      throw Failure(
        "start", rawValue, cause: "it is unknown where this program is: \(error.cause)",
        remedy: "mount /proc, or run \(rawValue) directly")
    }
    let path = (own.cut(atLast: "/")?.before ?? "") + "/" + rawValue
    guard access(path, X_OK) == 0 else {
      throw Failure(
        "start", rawValue, cause: "it is not next to \(own)",
        remedy: "install particle, particle-compile and particle-run in the same directory")
    }
    return path
  }

  /// Becomes the program.
  ///
  /// - Throws: When there is no such program.
  func become(_ arguments: [String]) throws(Failure) -> Never {
    let path = try path()
    var words: [UnsafeMutablePointer<CChar>?] = ([rawValue] + arguments).map { strdup($0) }
    words.append(nil)
    execv(path, words)
    throw .system("start", path)
  }

  /// Runs the program on our own streams.
  ///
  /// - Returns: Its exit status, as a shell has it.
  func status(_ arguments: [String]) throws(Failure) -> Int32 {
    try outcome(arguments, output: .inherit).status
  }

  private func outcome(_ arguments: [String], output: Command.Stream) throws(Failure)
    -> (status: Int32, output: [UInt8])
  {
    // A recipe may be what a shell has opened for us: <(command).
    let opened = arguments.filter { $0.hasPrefix("/dev/fd/") }
      .compactMap { Int32($0.dropFirst("/dev/fd/".count)) }
      .filter { fcntl($0, F_GETFD) >= 0 }
    let command = Command(
      [try path()] + arguments, output: output, errors: .inherit,
      descriptors: Dictionary(opened.map { ($0, $0) }) { first, _ in first })
    let outcome = try command.run()
    switch outcome.ending {
    case .exit(let status): return (status, outcome.output)
    case .signal(let number): return (128 + number, outcome.output)
    }
  }

  /// Runs the program on our own streams.
  ///
  /// - Parameters:
  ///   - arguments: Its arguments.
  ///   - quietly: Whether its results go to standard error, ours being others.
  /// - Throws: Its exit status, where that is not 0; it has said why.
  func succeed(_ arguments: [String], quietly: Bool = false) throws {
    let status = try outcome(arguments, output: quietly ? .descriptor(2) : .inherit).status
    guard status == 0 else { throw ExitCode(status) }
  }

  /// Runs the program on our own standard error.
  ///
  /// - Returns: What it wrote to standard output.
  /// - Throws: Its exit status, where that is not 0; it has said why.
  func output(_ arguments: [String]) throws -> [UInt8] {
    let outcome = try outcome(arguments, output: .capture)
    guard outcome.status == 0 else { throw ExitCode(outcome.status) }
    return outcome.output
  }
}
