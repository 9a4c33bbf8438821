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
    self.problem = problem
    self.remedy = remedy
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
    self.object = object
    self.cause = cause
    self.remedy = remedy
  }

  package var description: String {
    "cannot \(operation) \(object): \(cause)" + (remedy.map { "\n  help: \($0)" } ?? "")
  }
}
