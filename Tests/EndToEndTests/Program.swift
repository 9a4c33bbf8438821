internal import Files
internal import Glibc
internal import Model
internal import Processes
internal import TestSupport

/// What a program that ran to its end left.
struct Finished {
  var ending: Command.Ending
  var output: String
  var errors: String

  /// Both streams, for a message.
  var said: String { "\(ending)\n\(errors)\(output)" }
}

/// Runs one of the programs under test.
///
/// - Parameters:
///   - arguments: Its name and arguments.
///   - prefix: A command that starts it: `env`, `unshare` …
/// - Returns: How it ended and what it said, whatever that is.
/// - Throws: When it can't be started.
func particle(_ arguments: [String], through prefix: [String] = []) throws(Failure) -> Finished {
  guard let name = arguments.first else { preconditionFailure("no program") }
  let outcome = try Command(prefix + [try Places.program(name)] + arguments.dropFirst()).run()
  return Finished(
    ending: outcome.ending, output: outcome.text, errors: outcome.errorText)
}

/// Runs one of the programs under test, which has to succeed.
///
/// - Returns: Its standard output.
func succeeding(_ arguments: [String], through prefix: [String] = []) throws(Failure) -> String {
  let finished = try particle(arguments, through: prefix)
  guard finished.ending.isSuccess else {
    throw Failure("run", arguments.joined(separator: " "), cause: finished.said)
  }
  return finished.output
}

/// Runs a tool of Debian, which has to succeed.
///
/// - Parameters:
///   - arguments: Its name and arguments.
///   - package: The Debian package that has it, for the message where it is missing.
/// - Returns: What it wrote to both streams.
/// - Throws: When it is not installed, and when it fails.
@discardableResult
func tool(_ arguments: [String], from package: String) throws(Failure) -> String {
  let name = arguments.first ?? ""
  // A user's PATH may lack the folders where Debian keeps these.
  let folders =
    (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").map(String.init)
    + ["/usr/sbin", "/sbin"]
  let paths = name.has("/") ? [name] : folders.map { folder in folder + "/" + name }
  guard let path = paths.first(where: { access($0, X_OK) == 0 }) else {
    throw Failure(
      "find", name, cause: "it is not installed", remedy: "apt install \(package)")
  }
  let outcome = try Command([path] + arguments.dropFirst()).runChecked()
  return outcome.text + outcome.errorText
}

/// The size of a file in bytes.
func size(of path: String) throws(Failure) -> Int { Int(try Files.information(path).st_size) }
