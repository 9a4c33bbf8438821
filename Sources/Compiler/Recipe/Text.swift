package import Model

extension Schema where Value == String {
  /// A text that a regular expression matches as a whole.
  ///
  /// - Parameters:
  ///   - pattern: The expression; what Swift's `Regex` and JSON Schema both understand.
  ///   - what: What the text is, for the message: "unit name".
  ///   - remedy: How to write it.
  /// - Returns: The schema, with the expression as its pattern.
  package static func text(_ pattern: String, _ what: String, _ remedy: String) -> Self {
    Schema.string.refusing { text in
      if text.fits(pattern) { return nil }
      return ("'\(text.shortened)' is no \(what)", remedy)
    }.describing([("pattern", .string("^(\(pattern))$"))])
  }

  /// A text without line breaks, colons or other control characters, for one field of a line.
  package static func field(_ what: String) -> Self {
    text("[^:\\x00-\\x1f\\x7f]*", what, "write it without colons and line breaks")
  }
}

extension Schema {
  /// A list that is not empty and in which no value is twice.
  package func refusingEmpty<Element: Equatable>(_ what: String) -> Schema
  where Value == [Located<Element>] {
    mapped(
      { values, node, problems in
        guard !values.isEmpty else {
          problems.report("the list is empty", at: node.mark, remedy: "name at least one \(what)")
          return nil
        }
        problems.refuseRepeated(values, what) { "\($0)" }
        return values
      }, { $0 })
  }

  /// A list in which no text is twice.
  package func refusingRepeated(_ what: String) -> Schema where Value == [Located<String>] {
    mapped(
      { values, _, problems in
        problems.refuseRepeated(values, what) { "'\($0)'" }
        return values
      }, { $0 })
  }
}

extension Problems {
  /// Reports each value that stands in the list before.
  package mutating func refuseRepeated<Value: Equatable>(
    _ values: [Located<Value>], _ what: String, name: (Value) -> String
  ) {
    for (index, value) in values.enumerated() {
      guard let first = values[..<index].first(where: { $0.value == value.value }) else { continue }
      report(
        "the \(what) \(name(value.value)) stands here a second time", at: value.mark,
        remedy: first.mark.map { "it is already on line \($0.line) of \($0.file)" })
    }
  }
}

extension String {
  /// Whether a regular expression matches all of it.
  package func fits(_ pattern: String) -> Bool {
    guard let regex = try? Regex(pattern) else { return false }
    return wholeMatch(of: regex) != nil
  }

  /// As much of it as fits in a message.
  package var shortened: String { count <= 60 ? self : prefix(57) + "…" }
}
