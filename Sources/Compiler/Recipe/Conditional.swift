package import Model

/// A module or an image, and when it is wanted.
package struct Conditional<Value: Sendable>: Sendable {
  /// All of them have to hold.
  package var conditions: [Condition]
  package var value: Value
}

extension Conditional: Equatable where Value: Equatable {}

extension Schema {
  /// The same mapping with a further key, `when`.
  package var conditional: Schema<Conditional<Value>> {
    Schema<Conditional<Value>>(
      describe: { Self.describing(describe()) },
      decode: { node, problems in
        var conditions: [Condition]? = []
        var plain = node
        if case .object(let members) = node.value,
          let when = members.first(where: { $0.key == "when" })
        {
          conditions = problems.inside(.key("when")) { Condition.schema.decode(when.value, &$0) }
          plain.value = .object(members.filter { $0.key != "when" })
        }
        let value = decode(plain, &problems)
        guard let conditions, let value else { return nil }
        return Conditional<Value>(conditions: conditions, value: value)
      },
      encode: { encode($0.value) })
  }

  /// Adds the key to the properties of each mapping that allows no others; the document's `$defs` say what it is.
  private static func describing(_ schema: Node) -> Node {
    guard case .object(var members) = schema.value else { return schema }
    let isClosed = members.contains { $0.key == "additionalProperties" }
    for (index, member) in members.enumerated() {
      switch (member.key, member.value.value) {
      case ("allOf", .list(let kinds)):
        members[index].value = .list(kinds.map { describing($0) })
      case ("then", _), ("else", _): members[index].value = describing(member.value)
      case ("properties", .object(let own)) where isClosed:
        let when = Node.object([
          ("$ref", .string("#/$defs/when")),
          ("description", .string("The condition under which it is used. Default: always.")),
        ])
        members[index].value = Node(.object(own + [Node.Member("when", when)]))
      default: break
      }
    }
    return Node(.object(members))
  }
}
