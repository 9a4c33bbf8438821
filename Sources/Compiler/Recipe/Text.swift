package import Model
internal import Synchronization

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
      return ("'\(text.shortened)' is not a valid \(what)", remedy)
    }.describing([("pattern", .string("^(\(pattern))$"))])
  }

  /// A text without line breaks, colons or other control characters, for one field of a line.
  package static func field(_ what: String) -> Self {
    text("[^:\\x00-\\x1f\\x7f]*", what, "write it without colons and line breaks")
  }
}

extension Schema {
  /// A list that is not empty and in which no value is twice.
  package func refusingEmpty<Element: Hashable>(_ what: String) -> Schema
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
  package mutating func refuseRepeated<Value: Hashable>(
    _ values: [Located<Value>], _ what: String, name: (Value) -> String
  ) {
    // By bytes: two spellings of a letter are two names of files.
    var known: [ByteString: Located<Value>] = [:]
    for value in values {
      let key = ByteString(name(value.value))
      guard let first = known[key] else {
        known[key] = value
        continue
      }
      report(
        "duplicate \(what) \(name(value.value))", at: value.mark,
        remedy: first.mark.map { "it is already on line \($0.line) of \($0.file): keep one" })
    }
  }
}

/// Reading a pattern takes longer than using it, and a recipe uses each many times.
private let readPatterns = Mutex<[String: Regex<AnyRegexOutput>]>([:])

extension String {
  /// Whether a regular expression matches all of it.
  package func fits(_ pattern: String) -> Bool {
    readPatterns.withLock { known in
      // By scalars, as JSON Schema has it: of characters, a colon with a combining mark is no colon, and a line's end
      // of two bytes is none of its parts.
      if known[pattern] == nil {
        known[pattern] = (try? Regex(pattern))?.matchingSemantics(.unicodeScalar)
      }
      return known[pattern].map { wholeMatch(of: $0) != nil } ?? false
    }
  }

  /// As much of it as fits in a message.
  package var shortened: String {
    // Cut before its '@', a login would not be known for one.
    let text = withoutLogins(self)
    return text.cut(to: 60)
  }
}

extension Schema where Value == String {
  /// A text on one line, of at least one character.
  static func line(_ what: String) -> Self {
    text("[^\\x00-\\x1f\\x7f]+", what, "write it on one line")
  }

  /// A text on one line, or a whole number, which is taken as its digits.
  static func word(_ what: String) -> Self {
    let line = line(what)
    return Schema(
      describe: {
        .object([("type", .list([.string("string"), .string("integer")]))])
      },
      decode: { node, problems in
        if case .integer(let number) = node.value { return "\(number)" }
        return line.decode(node, &problems)
      },
      encode: line.encode)
  }

  /// A name that a file can have, for a file whose suffix is given by what it is for.
  static func fileName(_ what: String) -> Self {
    text(
      "[A-Za-z0-9][A-Za-z0-9_-]{0,63}", what,
      "use letters, digits, '_' and '-', at most 64; the suffix is added automatically")
  }

  /// A user's or group's name: useradd(8), "CAVEATS".
  static var accountName: Self {
    .text(
      "[a-z_][a-z0-9_-]{0,31}", "user or group name",
      "use lower-case letters, digits, '-' and '_', a letter or '_' first, at most 32 in all")
  }

  /// The absolute path of a program.
  static var program: Self {
    .text(
      "(/[A-Za-z0-9_+.@:-]+)+", "program path", "write an absolute path: /usr/bin/true")
  }
}

extension Schema {
  /// A mapping whose keys are what `pattern` matches.
  func named<Element>(_ pattern: String, _ what: String, _ remedy: String) -> Schema
  where Value == [String: Element] {
    let whole = mapped(
      { (values, node, problems) -> Value? in
        guard case .object(let members) = node.value else { return values }
        for member in members where !member.key.fits(pattern) {
          problems.report(
            "'\(member.key.shortened)' is not a valid \(what)", at: member.keyMark, remedy: remedy)
        }
        return values
      }, { $0 })
    return whole.describing([
      ("propertyNames", .object([("pattern", .string("^(\(pattern))$"))]))
    ])
  }
}

extension Content {
  /// What an entry with the keys `source` and `content` means.
  ///
  /// - Returns: Nil after reporting that it has both, or none.
  static func chosen(
    _ source: Located<String>?, _ content: String?, of what: String, at node: Node,
    _ problems: inout Problems
  ) -> Content? {
    switch (source, content) {
    case (let source?, nil): return .path(source)
    case (nil, let text?): return .text(text)
    default:
      problems.report(
        "\(what) needs either 'source' or 'content'", at: node.mark,
        remedy: "add 'source: files/name', or 'content: |' and the text below it")
      return nil
    }
  }

  var source: Located<String>? {
    guard case .path(let path) = self else { return nil }
    return path
  }

  var given: String? {
    guard case .text(let text) = self else { return nil }
    return text
  }

  /// Reports a source that is not one text file.
  func refuseBinary(_ what: String, _ contents: Contents, _ problems: inout Problems) {
    guard let path = source, let found = contents.files[ByteString(path.value)] else { return }
    let isText =
      found.count == 1 && found[0].name.isEmpty && !found[0].bytes.contains(0)
      && String(validating: found[0].bytes, as: UTF8.self) != nil
    if isText { return }
    problems.report(
      "\(what) '\(path.value)' is not a text file", at: path.mark,
      remedy: "name a single UTF-8 file; for programs, use a files module")
  }
}
