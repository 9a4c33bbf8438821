package import ArgumentParser
internal import Files
internal import Glibc
internal import Model

/// How all programs here take a command line, and what they say of one that is wrong.
extension ParsableCommand {
  /// Parses a command line; what is wrong with it ends the program with status 2, and so do, with status 0, the help and the
  /// version that were asked for.
  ///
  /// - Parameter words: The arguments, without the program's name.
  /// - Returns: The command that they name, ready to run.
  package static func parsed(_ words: [String]) -> any ParsableCommand {
    // As with most programs; the parser itself knows the long form alone.
    let words = words.first == "-V" ? ["--version"] : words
    refuseOtherBytes()
    refuseUnknownVerbs(words)
    do { return try parseAsRoot(words) } catch { end(with: error) }
  }

  /// Ends the program for an error of the parser or of a command's own check of its options.
  ///
  /// - Parameter error: As the parser has thrown it; an `ExitCode` ends the program with it.
  package static func end(with error: any Error) -> Never {
    let code = exitCode(for: error)
    if code.isSuccess {
      let message = fullMessage(for: error)
      if !message.isEmpty { try? Files.write(Array((message + "\n").utf8), into: 1) }
      Glibc.exit(0)
    }
    guard code == .validationFailure else { exit(withError: error) }
    let message = shownLines(onOneLine(self.message(for: error)))
    complain(message.prefix(1).lowercased() + message.dropFirst(), try: fullMessage(for: error))
  }

  /// A message of the parser with each argument that it repeats on one line.
  private static func onOneLine(_ message: String) -> String {
    let words = CommandLine.arguments.dropFirst().flatMap { word in
      [word] + (word.cut(at: "=").map { [$0.after] } ?? [])
    }
    return words.filter { $0.utf8.contains(UInt8(ascii: "\n")) }.reduce(message) { message, word in
      message.replacing(word, with: shown(word))
    }
  }

  /// Refuses arguments that are not UTF-8, which the parser would take for others.
  private static func refuseOtherBytes() {
    for index in 1..<max(1, Int(CommandLine.argc)) {
      guard let word = CommandLine.unsafeArgv[index] else { continue }
      let bytes = ByteString(
        UnsafeBufferPointer(start: word, count: strlen(word)).map(UInt8.init(bitPattern:)))
      if bytes.text != nil { continue }
      complain(
        "the argument '\(bytes.shown)' is not UTF-8",
        help: "rename the file, or name it by a link whose own name is UTF-8")
    }
  }

  /// Refuses the name of a command that there is not, with the one that is meant.
  private static func refuseUnknownVerbs(_ words: [String]) {
    var command: any ParsableCommand.Type = self
    for word in words.first == "help" ? words.dropFirst() : words[...] {
      let verbs = command.configuration.subcommands
      guard !verbs.isEmpty, command.configuration.defaultSubcommand == nil, !word.hasPrefix("-")
      else { return }
      let names = verbs.map { $0._commandName }
      guard let index = names.firstIndex(of: word) else {
        let near = suggestion(for: word, among: names + ["help"]).map { "did you mean '\($0)'? " }
        let name = configuration.commandName ?? _commandName
        complain(
          "there is no command '\(shown(word))'",
          help: (near ?? "") + "'\(name) --help' lists all commands")
      }
      command = verbs[index]
    }
  }

  /// Ends the program with what is wrong, and what the parser's whole message has that helps.
  private static func complain(_ problem: String, try full: String) -> Never {
    // The parser's last line: See 'particle build --help' for more information.
    let command = full.split(separator: "'").last { $0.hasSuffix("--help") } ?? "--help"
    // For a missing argument, the parser explains the argument: Help:  <what>  What to list: …
    let missing = full.split(separator: "\n").first { $0.hasPrefix("Help:") }
      .map {
        $0.dropFirst("Help:".count).split(separator: " ").joined(separator: " ") + "\n  help: "
      }
    complain(problem, help: (missing ?? "") + "see '\(command)'")
  }

  private static func complain(_ problem: String, help: String) -> Never {
    try? Files.write(Array("error: \(problem)\n  help: \(help)\n".utf8), into: 2)
    Glibc.exit(2)
  }
}
