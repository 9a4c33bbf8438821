/// A two-way description of `Value`: how it is read from a document, how it is written to one, and
/// what its JSON Schema says.
package struct Schema<Value: Sendable>: Sendable {
  /// The JSON Schema (draft 2020-12) of the value.
  package var describe: @Sendable () -> Node
  /// Reads the value; nil where something was wrong, which is then among the problems.
  package var decode: @Sendable (Node, inout Problems) -> Value?
  package var encode: @Sendable (Value) -> Node

  package init(
    describe: @escaping @Sendable () -> Node,
    decode: @escaping @Sendable (Node, inout Problems) -> Value?,
    encode: @escaping @Sendable (Value) -> Node
  ) {
    self.describe = describe
    self.decode = decode
    self.encode = encode
  }
}

extension Schema where Value == String {
  package static var string: Self {
    Schema(
      describe: { .object([("type", .string("string"))]) },
      decode: { node, problems in
        switch node.value {
        case .string(let text): return text
        // Quotes could not tell a variable's number from a text.
        case .integer(let number) where node.variable != nil: return "\(number)"
        case .bool(let flag) where node.variable != nil: return "\(flag)"
        default: break
        }
        let remedy: String? =
          switch node.value {
          case .integer(let number): "put it in quotes: \"\(number)\""
          case .bool(let flag): "put it in quotes: \"\(flag)\""
          case .list(let items) where items.count == 1: single(items[0], for: problems.key)
          case .list: "write one string, without the list"
          case .object: "write one string, without keys"
          default: nil
          }
        problems.report("expected a string, found \(node.kind)", at: node.mark, remedy: remedy)
        return nil
      },
      encode: { .string($0) })
  }
}

extension Schema where Value == Bool {
  package static var bool: Self {
    Schema(
      describe: { .object([("type", .string("boolean"))]) },
      decode: { node, problems in
        if case .bool(let flag) = node.value { return flag }
        problems.report(
          "expected true or false, found \(node.kind)", at: node.mark,
          remedy: node.variable.map { "give the variable '\($0)' the value true or false" }
            ?? "write true or false, without quotes")
        return nil
      },
      encode: { .bool($0) })
  }
}

extension Schema where Value == Int {
  /// A whole number within `range`.
  package static func integer(_ range: ClosedRange<Int> = Int.min...Int.max) -> Self {
    Schema(
      describe: {
        var members: [(String, Node)] = [("type", .string("integer"))]
        if range.lowerBound != Int.min { members.append(("minimum", .integer(range.lowerBound))) }
        if range.upperBound != Int.max { members.append(("maximum", .integer(range.upperBound))) }
        return .object(members)
      },
      decode: { node, problems in
        guard case .integer(let number) = node.value else {
          problems.report(
            "expected a whole number, found \(node.kind)", at: node.mark,
            remedy: node.variable.map { "give the variable '\($0)' a number, without quotes" })
          return nil
        }
        guard range.contains(number) else {
          problems.report(
            "\(number) is out of range", at: node.mark,
            remedy: "use a number from \(range.lowerBound) to \(range.upperBound)")
          return nil
        }
        return number
      },
      encode: { .integer($0) })
  }
}

extension Schema where Value == Node {
  /// Any value, kept as it is.
  package static var any: Self {
    Schema(describe: { .object([]) }, decode: { node, _ in node }, encode: { $0 })
  }
}

extension Schema {
  package static func list<Element>(of element: Schema<Element>) -> Self where Value == [Element] {
    Schema(
      describe: { .object([("type", .string("array")), ("items", element.describe())]) },
      decode: { node, problems in
        guard case .list(let items) = node.value else {
          problems.report(
            "expected a list, found \(node.kind)", at: node.mark,
            remedy: listed(node, of: element, for: problems.key))
          return nil
        }
        var values: [Element] = []
        for (index, item) in items.enumerated() {
          let value = problems.inside(.index(index)) { element.decode(item, &$0) }
          if let value { values.append(value) }
        }
        return values.count == items.count ? values : nil
      },
      encode: { .list($0.map(element.encode)) })
  }

  /// A mapping with keys that the writer chooses.
  package static func map<Element>(of element: Schema<Element>) -> Self
  where Value == [String: Element] {
    Schema(
      describe: {
        .object([("type", .string("object")), ("additionalProperties", element.describe())])
      },
      decode: { node, problems in
        guard case .object(let members) = node.value else {
          problems.report("expected a mapping, found \(node.kind)", at: node.mark)
          return nil
        }
        var values: [String: Element] = [:]
        for member in members {
          if let place = values.index(forKey: member.key) {
            problems.reportTwin(member, of: values.keys[place])
          }
          let value = problems.inside(.key(member.key)) { element.decode(member.value, &$0) }
          if let value { values[member.key] = value }
        }
        return values.count == members.count ? values : nil
      },
      encode: { .object($0.map { ($0.key, element.encode($0.value)) }) })
  }

  /// A value that may be absent; `Field(optional:)` uses it.
  package var optional: Schema<Value?> {
    Schema<Value?>(
      describe: describe,
      decode: { node, problems in
        guard let value = decode(node, &problems) else { return nil }
        return .some(.some(value))
      },
      encode: { value in value.map(encode) ?? Node(.null) })
  }

  /// The same document form for another type.
  ///
  /// `read` returns nil after reporting what is wrong.
  package func mapped<Other: Sendable>(
    _ read: @escaping @Sendable (Value, Node, inout Problems) -> Other?,
    _ write: @escaping @Sendable (Other) -> Value
  ) -> Schema<Other> {
    Schema<Other>(
      describe: describe,
      decode: { node, problems in
        guard let value = decode(node, &problems) else { return nil }
        return read(value, node, &problems)
      },
      encode: { encode(write($0)) })
  }

  /// The same values, fewer of them: `flaw` says what is wrong with a value, nil where nothing is.
  package func refusing(_ flaw: @escaping @Sendable (Value) -> (problem: String, remedy: String)?)
    -> Schema
  {
    mapped(
      { value, node, problems in
        guard let found = flaw(value) else { return value }
        problems.report(found.problem, at: node.mark, remedy: found.remedy)
        return nil
      }, { $0 })
  }

  /// The same schema with further JSON Schema members (`pattern`, `examples` …).
  package func describing(_ members: [(String, Node)]) -> Schema {
    var copy = self
    copy.describe = {
      guard case .object(let own) = describe().value else { return describe() }
      return Node(.object(own + members.map { Node.Member($0.0, $0.1) }))
    }
    return copy
  }
}

extension Schema {
  /// One of some values that have names.
  ///
  /// - Parameters:
  ///   - values: The values.
  ///   - name: Their names.
  /// - Returns: The schema.
  package static func choice(
    of values: [Value], _ name: @escaping @Sendable (Value) -> String
  ) -> Self {
    let names = values.map(name)
    return Schema(
      describe: { .object([("enum", .list(names.map(Node.string)))]) },
      decode: { node, problems in
        if case .string(let text) = node.value,
          let value = values.first(where: { name($0).isSame(as: text) })
        {
          return value
        }
        var remedy = "use one of \(names.joined(separator: ", "))"
        if case .string(let text) = node.value, let near = suggestion(for: text, among: names) {
          remedy = "did you mean '\(near)'? The choices are \(names.joined(separator: ", "))"
        }
        problems.report("\(node.kind) is not allowed here", at: node.mark, remedy: remedy)
        return nil
      },
      encode: { .string(name($0)) })
  }
}

extension Schema
where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the names of an enumeration.
  package static var choice: Self { choice(of: Array(Value.allCases)) { $0.rawValue } }
}
