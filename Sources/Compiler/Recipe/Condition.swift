package import Model

/// When a module or an image is wanted: all that is named has to hold.
package struct Condition: Sendable, Equatable {
  /// Nil for any, as with the others.
  package var architectures: [Architecture]?
  package var releases: [DebianBase.Suite]?
  /// By name, the values that a variable may have.
  package var variables: [String: [Variables.Value]]
  package var mark: Mark?

  /// Places do not count.
  package static func == (a: Self, b: Self) -> Bool {
    a.architectures == b.architectures && a.releases == b.releases && a.variables == b.variables
  }

  private static func some<Element>(_ element: Schema<Element>) -> Schema<[Element]> {
    let list = Schema<[Element]>.list(of: element).refusing { values in
      values.isEmpty ? ("the list is empty, so nothing matches", "name at least one") : nil
    }
    return Schema<[Element]>(
      describe: { .object([("anyOf", .list([element.describe(), list.describe()]))]) },
      decode: { node, problems in
        if case .list = node.value { return list.decode(node, &problems) }
        return element.decode(node, &problems).map { [$0] }
      },
      encode: list.encode)
  }

  private static let value = Schema<Variables.Value>(
    describe: {
      .object([("type", .list(["string", "integer", "boolean"].map { Node.string($0) }))])
    },
    decode: { node, problems in
      if let value = Variables.Value(node) { return value }
      problems.report(
        "expected the value of a variable, found \(node.kind)", at: node.mark,
        remedy: "write a string, a number, true or false")
      return nil
    }, encode: { Node($0.node) })

  private static let one = Schema<Condition>.object(
    Field(
      optional: "architecture", { $0.architectures }, some(Schema<Architecture>.choice),
      "The architectures to match."),
    Field(
      optional: "release", { $0.releases }, some(Schema<DebianBase.Suite>.choice),
      "The Debian releases to match."),
    Field(
      "variable", { $0.variables }, .map(of: some(value)), default: [:],
      "The values to match for each variable, by the variable's name."),
    make: { Condition(architectures: $0, releases: $1, variables: $2) }
  ).mapped(
    { condition, node, problems in
      guard
        condition.architectures != nil || condition.releases != nil || !condition.variables.isEmpty
      else {
        problems.report(
          "the condition is empty", at: node.mark,
          remedy: "add 'architecture', 'release' or 'variable', or remove 'when'")
        return nil
      }
      var condition = condition
      condition.mark = node.mark
      return condition
    }, { $0 })

  /// One condition, or a list of them that all have to hold.
  package static let schema = Schema<[Condition]>(
    describe: {
      .object([
        (
          "anyOf",
          .list([one.describe(), .object([("type", .string("array")), ("items", one.describe())])])
        )
      ])
    },
    decode: { node, problems in
      if case .list = node.value {
        return Schema<[Condition]>.list(of: one).decode(node, &problems)
      }
      return one.decode(node, &problems).map { [$0] }
    },
    encode: Schema<[Condition]>.list(of: one).encode)

  /// Reports variables that are not declared, and values that they cannot have.
  func check(_ known: Variables, _ problems: inout Problems) {
    for (name, values) in variables.sorted(by: { $0.key < $1.key }) {
      guard let variable = known.declared.first(where: { $0.name == name }) else {
        problems.report(
          "unknown variable '\(name)'", at: mark, remedy: known.remedy(for: name))
        continue
      }
      for value in values where value.type != variable.type || !variable.allows(value) {
        problems.report(
          "the variable '\(name)' is never '\(value.text)'", at: mark,
          remedy: variable.choices.isEmpty
            ? "it is a \(variable.type.rawValue): \(variable.type.remedy)"
            : "its choices are \(variable.choices.joined(separator: ", "))")
      }
    }
  }

  func holds(
    _ architecture: Architecture, _ release: DebianBase.Suite?, _ values: [String: Variables.Value]
  ) -> Bool {
    (architectures?.contains(architecture) ?? true)
      && (releases.map { all in release.map(all.contains) ?? false } ?? true)
      && variables.allSatisfy { name, allowed in values[name].map(allowed.contains) ?? false }
  }
}
