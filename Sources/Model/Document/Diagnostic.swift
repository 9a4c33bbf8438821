/// Something the person who wrote the input can mend: where it is, what is wrong, and what to do.
package struct Diagnostic: Error, Sendable, Equatable {
  package enum Severity: String, Sendable { case error, warning }

  package var severity: Severity
  package var mark: Mark?
  /// The way to the value from the top of the document: `modules[2].name`.
  package var path: String
  package var problem: String
  package var remedy: String?

  package init(
    _ problem: String, at mark: Mark? = nil, path: String = "", remedy: String? = nil,
    severity: Severity = .error
  ) {
    self.severity = severity
    self.mark = mark
    self.path = path
    // It may quote an address.
    self.problem = withoutLogins(problem)
    self.remedy = remedy.map(withoutLogins)
  }
}

extension Diagnostic: CustomStringConvertible {
  /// For people, as `shown` has texts from elsewhere, without the lines of the file that it is about.
  package var description: String {
    let place = [mark?.file, path.isEmpty ? nil : path].compactMap(\.self)
    return place.map { shown($0) + ": " }.joined() + shown(problem)
      + (remedy.map { "\n  help: \(shownLines($0, indented: true))" } ?? "")
  }
}

/// Something the machine failed at: the operation, what it was done to, and the cause.
package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  package var operation: String
  package var object: String
  package var cause: String
  package var remedy: String?
  /// The system's error number, where a system call failed.
  package var code: Int32?

  package init(
    _ operation: String, _ object: String, cause: String, remedy: String? = nil,
    code: Int32? = nil
  ) {
    self.code = code
    self.operation = operation
    // They may quote addresses, ours or those of a program that failed.
    self.object = withoutLogins(object)
    self.cause = withoutLogins(cause)
    self.remedy = remedy.map(withoutLogins)
  }

  /// For people, as `shown` has texts from elsewhere; a cause can have several lines.
  package var description: String {
    sentence + (remedy.map { "\n  help: \(shownLines($0, indented: true))" } ?? "")
  }

  /// The same without the remedy.
  package var sentence: String {
    // A cause of several lines begins with a line break.
    let separator = cause.begins(with: "\n") ? ":" : ": "
    return "cannot \(operation) \(shown(object))\(separator)\(shownLines(cause, indented: true))"
  }
}
