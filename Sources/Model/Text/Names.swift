extension Schema where Value == String {
  /// A name of letters and digits of ASCII and some more characters, a letter or digit first.
  ///
  /// What is called so appears in file names, on terminals and in keys: no two such names look alike, and none has a
  /// meaning for a shell or a terminal.
  ///
  /// - Parameters:
  ///   - what: What is called so, with its article: "a pipeline".
  ///   - others: The further characters.
  ///   - limit: How long it can be.
  /// - Returns: The schema.
  package static func name(of what: String, with others: String = "._+-", limit: Int = 128) -> Self
  {
    string.refusing { text in
      let isRight =
        text.utf8.count <= limit && text.utf8.first.map(isLetterOrDigit) == true
        && text.utf8.allSatisfy { isLetterOrDigit($0) || others.utf8.contains($0) }
      if isRight { return nil }
      return (
        "'\(text.start)' is not a valid name of \(what)",
        "use letters, digits and \(others.map { "'\($0)'" }.joined(separator: " ")), starting with"
          + " a letter or digit, at most \(limit) in all"
      )
    }.describing([
      ("pattern", .string("^[A-Za-z0-9][A-Za-z0-9\(others)]{0,\(limit - 1)}$"))
    ])
  }

  /// The name of a file, in no folder: what the kernel takes, and a terminal too.
  package static var fileName: Self {
    string.refusing { text in
      guard let flaw = fileNameFlaw(text) else { return nil }
      return (
        "'\(text.start)' is not a valid file name: \(flaw)",
        "use at most 255 bytes, without '/' and without invisible characters"
      )
    }.describing([("minLength", .integer(1)), ("maxLength", .integer(255))])
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}

/// What is wrong with a file's name; nil for a good one.
package func fileNameFlaw(_ name: String) -> String? {
  if name.isEmpty { return "it is empty" }
  if name.isSame(as: ".") || name.isSame(as: "..") { return "it stands for a directory" }
  if name.has("/") { return "it contains a '/'" }
  if name.utf8.count > 255 { return "it is longer than 255 bytes" }
  if !shown(name).isSame(as: name) { return "it contains invisible characters" }
  return nil
}

extension String {
  /// As much of it as fits in a message.
  fileprivate var start: String { cut(to: 60) }
}
