internal import Files
internal import Glibc
internal import Model

/// A stream of this process, written at once; that nobody reads it any more is not an error.
enum Output: Int32 {
  case results = 1
  case errors = 2

  /// Writes lines, names from elsewhere in them as `shown` has them: nobody has to remember that.
  func write(_ text: String) { writeAsIs(shownLines(text)) }

  /// Writes a text that is safe for a terminal: JSON, or what has colours of ours.
  func writeAsIs(_ text: String) { write(Array(text.utf8)[...]) }

  /// Writes one JSON value.
  func write(_ value: Node) { writeAsIs(value.prettyText) }

  /// Ends the program when results cannot be written: whoever asked for them must not think that there were none.
  func write(_ bytes: ArraySlice<UInt8>) {
    do { try Files.write(Array(bytes), into: rawValue) } catch {
      guard self == .results, error.code != EPIPE else { return }
      Output.errors.write("error: \(error)\n")
      // 1 is what `diff` says of a difference.
      Glibc.exit(CommandLine.arguments.dropFirst().first == "diff" ? 2 : 1)
    }
  }
}
