package import Model

/// What a recipe leaves to be set when it is compiled: names, their types and their defaults.
package struct Variables: Sendable, Equatable {
  /// In the order in which they are declared.
  package var declared: [Variable]

  package struct Variable: Sendable, Equatable {
    package var name: String
    package var type: Kind
    /// Nil where one must be given.
    package var standard: Value?
    /// The only values it can have; empty for any.
    package var choices: [String]
    package var mark: Mark?

    /// Places do not count.
    package static func == (a: Self, b: Self) -> Bool {
      a.name == b.name && a.type == b.type && a.standard == b.standard && a.choices == b.choices
    }
  }

  package enum Kind: String, Sendable, CaseIterable { case text, number, boolean }

  package enum Value: Sendable, Equatable {
    case text(String)
    case number(Int)
    case boolean(Bool)

    var type: Kind {
      switch self {
      case .text: .text
      case .number: .number
      case .boolean: .boolean
      }
    }

    /// As it stands within a text.
    package var text: String {
      switch self {
      case .text(let text): text
      case .number(let number): "\(number)"
      case .boolean(let flag): "\(flag)"
      }
    }

    var node: Node.Value {
      switch self {
      case .text(let text): .string(text)
      case .number(let number): .integer(number)
      case .boolean(let flag): .bool(flag)
      }
    }

    init?(_ node: Node) {
      switch node.value {
      case .string(let text): self = .text(text)
      case .integer(let number): self = .number(number)
      case .bool(let flag): self = .boolean(flag)
      default: return nil
      }
    }
  }

  package static let namePattern = "[a-z][a-z0-9_-]*"

  private struct Long: Sendable {
    var type: Kind
    var standard: Node?
    var choices: [Located<String>]
    var description: String
  }

  private static let long = Schema<Long>.object(
    Field("type", { $0.type }, .choice, default: .text, "The type of the variable."),
    Field(
      optional: "default", { $0.standard }, .any,
      "The default value. Without one, --set is required."),
    Field(
      "choices", { $0.choices },
      .list(of: Schema<String>.string.located).refusingEmpty("choice"), default: [],
      "The only values that the variable may have."),
    Field(
      "description", { $0.description }, .string, default: "",
      "One sentence that describes the variable."),
    make: { Long(type: $0, standard: $1, choices: $2, description: $3) })

  package static let schema = Schema<Variables>(
    describe: {
      let types = ["string", "integer", "boolean"].map { Node.string($0) }
      let short = Node.object([("type", .list(types))])
      return .object([
        ("type", .string("object")),
        ("propertyNames", .object([("pattern", .string("^\(namePattern)$"))])),
        ("additionalProperties", .object([("anyOf", .list([short, long.describe()]))])),
      ])
    },
    decode: { (node, problems) -> Variables? in
      guard case .object(let members) = node.value else {
        problems.report(
          "expected a mapping, found \(node.kind)", at: node.mark,
          remedy: "write one line for each variable: 'channel: stable'")
        return nil
      }
      let all = members.map { member in
        problems.inside(.key(member.key)) { variable(member, &$0) }
      }
      let declared = all.compactMap { $0 }
      return declared.count == all.count ? Variables(declared: declared) : nil
    },
    encode: { variables in
      .object(
        variables.declared.map { variable in
          var members: [(String, Node)] = [("type", .string(variable.type.rawValue))]
          if let standard = variable.standard { members.append(("default", Node(standard.node))) }
          if !variable.choices.isEmpty {
            members.append(("choices", .list(variable.choices.map { .string($0) })))
          }
          return (variable.name, .object(members))
        })
    })

  private static func variable(_ member: Node.Member, _ problems: inout Problems) -> Variable? {
    guard member.key.fits(namePattern) else {
      problems.report(
        "'\(member.key.shortened)' is not a valid variable name", at: member.keyMark,
        remedy: "use lower-case letters, digits, '-' and '_', starting with a letter")
      return nil
    }
    if let value = Value(member.value) {
      return Variable(
        name: member.key, type: value.type, standard: value, choices: [], mark: member.keyMark)
    }
    guard let long = long.decode(member.value, &problems) else { return nil }
    var variable = Variable(
      name: member.key, type: long.type, standard: nil, choices: long.choices.map(\.value),
      mark: member.keyMark)
    guard let standard = long.standard else { return variable }
    guard let value = Value(standard), value.type == long.type else {
      problems.report(
        "the default of '\(member.key)' is \(standard.kind), but its type is"
          + " \(long.type.rawValue)", at: standard.mark, remedy: long.type.remedy)
      return nil
    }
    guard variable.allows(value) else {
      problems.report(
        "the default of '\(member.key)' is not one of its choices", at: standard.mark,
        remedy: "the choices are \(variable.choices.joined(separator: ", "))")
      return nil
    }
    variable.standard = value
    return variable
  }
}

extension Variables.Variable {
  func allows(_ value: Variables.Value) -> Bool {
    choices.isEmpty || choices.has(value.text)
  }
}

extension Variables.Kind {
  var remedy: String {
    switch self {
    case .text: "write a string, in quotes if it could be read as something else"
    case .number: "write a whole number"
    case .boolean: "write true or false"
    }
  }
}
