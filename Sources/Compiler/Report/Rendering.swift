package import Model

/// How diagnostics and failures are told to people and to programs.
package struct Report: Sendable {
  /// Whether to mark parts of it with terminal colours.
  package var colour: Bool

  package init(colour: Bool) { self.colour = colour }

  private enum Style: String {
    case error = "1;31"
    case warning = "1;33"
    case rule = "1;34"
    case strong = "1"
  }

  /// The longest part of a source line that is shown, in characters.
  private static let width = 160

  /// How many diagnostics are told; what is wrong so often has one cause.
  private static let limit = 50

  /// Diagnostics, an empty line between them.
  package func text(_ diagnostics: [Diagnostic], source: (String) -> String?) -> String {
    let told = diagnostics.prefix(Self.limit).map { text($0, source: source) }
    let left = diagnostics.count - told.count
    return (told + (left > 0 ? ["and \(left) more\n"] : [])).joined(separator: "\n")
  }

  /// A diagnostic with its place and source line; `source` gives the text of a file, nil where it
  /// cannot be read.
  package func text(_ diagnostic: Diagnostic, source: (String) -> String?) -> String {
    let severity = diagnostic.severity == .error ? Style.error : .warning
    var lines = [
      painted(diagnostic.severity.rawValue, severity)
        + painted(": " + shown(diagnostic.problem), .strong)
    ]
    var gutter = 2
    if let mark = diagnostic.mark {
      gutter = "\(mark.line)".count
      let indent = String(repeating: " ", count: gutter)
      let place = "\(shown(mark.file)):\(mark.line):\(mark.column)"
      lines.append(indent + painted("-->", .rule) + " " + place)
      lines += excerpt(mark, indent: indent, severity, source)
    }
    if let remedy = diagnostic.remedy {
      let indent = String(repeating: " ", count: gutter + 1)
      lines.append(indent + painted("=", .rule) + painted(" help: ", .strong) + shown(remedy))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func excerpt(
    _ mark: Mark, indent: String, _ severity: Style, _ source: (String) -> String?
  ) -> [String] {
    let lines = source(mark.file)?.parts(at: "\n", keepingEmpty: true)
    guard let lines, lines.indices.contains(mark.line - 1) else { return [] }
    let written = withStarsForSecrets(lines[mark.line - 1])
    let line = written.unicodeScalars.map { $0 == "\t" ? " " : $0 }
    // A long line is shown from some way before the place.
    let start = mark.column <= Self.width * 3 / 4 ? 0 : mark.column - Self.width / 2
    func part(from: Int, to end: Int) -> String {
      let scalars = line.dropFirst(from).prefix(max(0, min(end, start + Self.width) - from))
      return shown(String(String.UnicodeScalarView(scalars)))
    }
    let before = part(from: start, to: mark.column - 1)
    let marked = part(from: mark.column - 1, to: mark.column - 1 + max(1, mark.length))
    let after = part(from: mark.column - 1 + max(1, mark.length), to: start + Self.width)
    // What is shown can be longer than it is.
    let marker =
      String(repeating: " ", count: before.unicodeScalars.count)
      + painted(String(repeating: "^", count: max(1, marked.unicodeScalars.count)), severity)
    return [
      "\(indent) \(painted("|", .rule))",
      "\(painted("\(mark.line)", .rule)) \(painted("|", .rule)) \(before + marked + after)"
        .trimmedEnd,
      "\(indent) \(painted("|", .rule)) \(marker)",
    ]
  }

  /// Why a recipe came to no manifest, or a name to no container image.
  ///
  /// - Parameters:
  ///   - error: What was thrown.
  ///   - source: Gives the text of a file; nil where it cannot be read.
  /// - Returns: The text for people.
  package func text(_ error: CompileError, source: (String) -> String?) -> String {
    switch error {
    case .recipe(let refusal), .resolving(let refusal): text(refusal.diagnostics, source: source)
    case .failure(let failure): text(failure)
    }
  }

  /// A failure with its remedy.
  package func text(_ failure: Failure) -> String {
    var text = painted("error", .error) + painted(": " + failure.sentence, .strong) + "\n"
    if let remedy = failure.remedy {
      text += "   " + painted("=", .rule) + painted(" help: ", .strong) + shown(remedy) + "\n"
    }
    return text
  }

  private func painted(_ text: String, _ style: Style) -> String {
    colour ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
  }
}

extension String {
  fileprivate var trimmedEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
