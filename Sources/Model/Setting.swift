/// What a command line says of a variable that a recipe declares: `--set KEY=VALUE`.
package struct Setting: Sendable, Equatable, CustomStringConvertible {
  package var name: String
  package var text: String

  /// Reads `KEY=VALUE`; nil where it is something else.
  package init?(_ argument: String) {
    guard let (before, after) = argument.cut(at: "="), !before.isEmpty else { return nil }
    name = before
    text = after
  }

  package var description: String { "\(name)=\(text)" }
}
