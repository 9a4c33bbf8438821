package import Model

/// The first error in what dpkg printed: the package, the reason, and everything that was said from
/// the moment when dpkg turned to that package.
package struct DpkgError: Equatable {
  package var package: String
  package var reason: String
  /// What dpkg and the package's script said, the last lines of it.
  package var lines: [String]

  /// How many lines of a script are told.
  private static let lineLimit = 30

  /// The lines with which dpkg starts on a package, or starts to report an error.
  private static let beginnings = [
    "Setting up ", "Preparing to unpack ", "Unpacking ", "Removing ", "Processing triggers for ",
    "Purging configuration files for ", "dpkg: dependency problems prevent ", "dpkg: regarding ",
  ]

  /// Nil where dpkg names no package.
  ///
  /// - Parameter text: All that dpkg wrote to standard output and standard error.
  package init?(in text: String) {
    let lines = text.split(separator: "\n").map(String.init)
    let opening = "dpkg: error processing "
    guard let error = lines.firstIndex(where: { $0.hasPrefix(opening) }) else { return nil }
    // `package NAME (--configure):` or `archive PATH (--unpack):`
    let words = lines[error].dropFirst(opening.count).split(separator: " ")
    guard words.count >= 2 else { return nil }
    package = Self.name(String(words[1]))
    let reasons = lines[(error + 1)...].prefix { $0.hasPrefix(" ") }
    reason = reasons.map { $0.trimmed }.joined(separator: " ")
    let begin =
      lines[..<error].lastIndex { line in Self.beginnings.contains { line.hasPrefix($0) } } ?? error
    let said = lines[begin..<error]
    let end = lines[error..<(error + 1 + reasons.count)]
    let omitted = said.count - Self.lineLimit
    self.lines =
      (omitted > 0
        ? [lines[begin], "… \(omitted) lines …"] + said.suffix(Self.lineLimit - 1) : Array(said))
      + end
  }

  /// The package's name, which a file's name begins with.
  private static func name(_ word: String) -> String {
    guard word.hasSuffix(".deb"), let file = word.split(separator: "/").last else { return word }
    return String(file.split(separator: "_").first ?? file)
  }

  package var failure: Failure {
    Failure(
      "install", "the package '\(package)'",
      cause: ([reason] + lines.map { "  " + $0 }).joined(separator: "\n"))
  }
}

extension String {
  fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
