/// The diagnostics gathered while a document is read, so that all of them can be told at once.
package struct Problems: Sendable {
  package private(set) var diagnostics: [Diagnostic] = []
  private var path: [Step] = []

  package init() {}

  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  package mutating func report(
    _ problem: String, at mark: Mark?, remedy: String? = nil,
    severity: Diagnostic.Severity = .error
  ) {
    var joined = path.map(\.description).joined()
    if joined.hasPrefix(".") { joined.removeFirst() }
    diagnostics.append(
      Diagnostic(problem, at: mark, path: joined, remedy: remedy, severity: severity))
  }

  package mutating func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  /// From a value to one that it holds.
  package enum Step: Sendable, CustomStringConvertible {
    case key(String)
    case index(Int)

    package var description: String {
      switch self {
      case .key(let name): ".\(name)"
      case .index(let index): "[\(index)]"
      }
    }
  }

  /// Runs `body` with `step` added to the path that reports carry.
  package mutating func inside<Result>(_ step: Step, _ body: (inout Problems) -> Result) -> Result {
    path.append(step)
    defer { path.removeLast() }
    return body(&self)
  }
}
