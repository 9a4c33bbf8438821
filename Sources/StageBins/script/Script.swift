package import Model

/// Runs a script in the tree, offline.
package struct Script: StageContract {
  package var script: String
  package var interpreter: [String]
  package var environment: [String: String]

  package static let name = "script"
  package static let version = 1
  package static let summary = "Run a script in the tree, offline."
  package static let stance = Stance.inTree
  package static let schema = Schema<Self>.object(
    Field("script", { $0.script }, .string, "The script's text."),
    Field(
      "interpreter", { $0.interpreter }, .list(of: .string), default: ["/bin/sh", "-eu"],
      "The program that reads the script, and its options."),
    Field(
      "environment", { $0.environment }, .map(of: .string), default: [:],
      "Variables the script sees, beside the fixed ones."),
    make: { Script(script: $0, interpreter: $1, environment: $2) })

  package init(script: String, interpreter: [String], environment: [String: String]) {
    self.script = script
    self.interpreter = interpreter
    self.environment = environment
  }
}
