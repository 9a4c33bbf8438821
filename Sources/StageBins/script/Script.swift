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
      "interpreter", { $0.interpreter }, interpreterSchema, default: ["/bin/sh", "-eu"],
      "The program that runs the script, and its options."),
    Field(
      "environment", { $0.environment }, environmentSchema, default: [:],
      "Environment variables of the script, besides the fixed ones."),
    make: { Script(script: $0, interpreter: $1, environment: $2) })

  /// The program's absolute path, and its options.
  package static let interpreterSchema = Schema<[String]>.list(of: .string).refusing { words in
    guard let program = words.first, program.begins(with: "/"),
      !words.contains(where: { $0.has("\0") })
    else { return ("the interpreter is not an absolute path", "write [/bin/bash, -eu]") }
    return nil
  }

  /// What a shell can have as a variable.
  package static let environmentSchema = Schema<[String: String]>.map(of: .string).refusing {
    variables in
    for name in variables.keys.inByteOrder()
    where !isName(name) || variables[name]?.has("\0") == true {
      return ("'\(name)' is not a valid name of a variable", "use letters, digits and '_'")
    }
    return nil
  }

  private static func isName(_ name: String) -> Bool {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let isPlain = name.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "_")
        || digits.contains(byte)
    }
    return isPlain && name.utf8.first.map { !digits.contains($0) } == true
  }

  package init(script: String, interpreter: [String], environment: [String: String]) {
    self.script = script
    self.interpreter = interpreter
    self.environment = environment
  }
}
