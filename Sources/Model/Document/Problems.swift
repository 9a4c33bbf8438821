/// The diagnostics gathered while a document is read, so that all of them can be told at once.
package struct Problems: Sendable {
  package private(set) var diagnostics: [Diagnostic] = []
  private var path: [String] = []

  package init() {}

  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  package mutating func report(
    _ problem: String, at mark: Mark?, remedy: String? = nil,
    severity: Diagnostic.Severity = .error
  ) {
    var joined = path.joined()
    if joined.hasPrefix(".") { joined.removeFirst() }
    diagnostics.append(
      Diagnostic(problem, at: mark, path: joined, remedy: remedy, severity: severity))
  }

  package mutating func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  /// Runs `body` with `step` (`.name` or `[3]`) added to the path that reports carry.
  package mutating func inside<Result>(_ step: String, _ body: (inout Problems) -> Result) -> Result
  {
    path.append(step)
    defer { path.removeLast() }
    return body(&self)
  }
}
