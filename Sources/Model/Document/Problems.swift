/// The diagnostics gathered while a document is read, so that all of them can be told at once.
package struct Problems: Sendable {
  package private(set) var diagnostics: [Diagnostic] = []
  private var path: [Step] = []
  /// What to do about a key that is known elsewhere, where others stand here; nil where nothing is known of it.
  package var guide: @Sendable (_ key: String, _ known: [String]) -> String? = { _, _ in nil }

  package init() {}

  /// The key whose value is being read; nil for an item of a list, and at the top.
  package var key: String? {
    if case .key(let name)? = path.last { return name }
    return nil
  }

  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  package mutating func report(
    _ problem: String, at mark: Mark?, remedy: String? = nil,
    severity: Diagnostic.Severity = .error
  ) {
    diagnostics.append(
      Diagnostic(problem, at: mark, path: Self.text(of: path), remedy: remedy, severity: severity))
  }

  /// The way to a value: `modules[2].name`.
  package static func text(of path: [Step]) -> String {
    let joined = path.map(\.description).joined()
    return joined.begins(with: ".")
      ? String(decoding: joined.utf8.dropFirst(), as: UTF8.self) : joined
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
