/// One named member of an object.
package struct Field<Root: Sendable, Value: Sendable>: Sendable {
  package var key: String
  package var doc: String
  package var get: @Sendable (Root) -> Value
  package var schema: Schema<Value>
  /// The value when the member is left out; nil where it must be there.
  package var fallback: Value?

  package init(
    _ key: String, _ get: @escaping @Sendable (Root) -> Value, _ schema: Schema<Value>,
    default fallback: Value? = nil, _ doc: String
  ) {
    self.key = key
    self.doc = doc
    self.get = get
    self.schema = schema
    self.fallback = fallback
  }

  /// A member that may be left out, and then is nil.
  package init<Wrapped: Sendable>(
    optional key: String, _ get: @escaping @Sendable (Root) -> Wrapped?,
    _ schema: Schema<Wrapped>, _ doc: String
  ) where Value == Wrapped? {
    self.init(key, get, schema.optional, default: .some(nil), doc)
  }

  /// Reads the member, or gives its fallback when it is left out.
  ///
  /// `misspelt` are the known keys that unknown ones were most likely meant to be.
  fileprivate func read(
    from members: [Node.Member], of node: Node, misspelt: [String], _ problems: inout Problems
  ) -> Value? {
    if let member = members.first(where: { $0.key.isSame(as: key) }) {
      return problems.inside(.key(key)) { schema.decode(member.value, &$0) }
    }
    if fallback == nil, !misspelt.contains(key) {
      problems.report(
        "'\(key)' is missing", at: node.mark, remedy: "add '\(key)': \(doc.lowercasedFirst)")
    }
    return fallback
  }
}

extension Schema {
  /// An object with exactly these members.
  ///
  /// Unknown keys are refused, missing ones named, and members that are nil are left out when it is
  /// written.
  package static func object<each Member: Sendable>(
    _ fields: repeat Field<Value, each Member>,
    make: @escaping @Sendable (repeat each Member) -> Value
  ) -> Self {
    var keys: [String] = []
    var needed: [String] = []
    for field in repeat each fields {
      keys.append(field.key)
      if field.fallback == nil { needed.append(field.key) }
    }
    let (known, required) = (keys, needed)
    return Schema(
      describe: {
        var properties: [(String, Node)] = []
        var required: [Node] = []
        for field in repeat each fields {
          guard case .object(let own) = field.schema.describe().value else { continue }
          var members = own
          members.append(Node.Member("description", .string(field.doc)))
          if let fallback = field.fallback {
            let value = field.schema.encode(fallback)
            if value.value != .null { members.append(Node.Member("default", value)) }
          } else {
            required.append(.string(field.key))
          }
          properties.append((field.key, Node(.object(members))))
        }
        return .object([
          ("type", .string("object")), ("additionalProperties", .bool(false)),
          ("properties", .object(properties)), ("required", .list(required)),
        ])
      },
      decode: { node, problems in
        guard case .object(let members) = node.value else {
          var remedy: String?
          for field in repeat each fields {
            let others = required.filter { $0 != field.key }
            if remedy == nil, others.isEmpty {
              remedy = held(node, by: field.key, of: field.schema, for: problems.key)
            }
          }
          problems.report(
            "expected a mapping, found \(node.kind)", at: node.mark, remedy: remedy)
          return nil
        }
        let strangers = members.filter { !known.has($0.key) }
        for member in strangers { problems.reportUnknown(member, known: known) }
        let misspelt = strangers.flatMap { problems.meant(by: $0.key, among: known) }
        let read =
          (repeat (each fields).read(from: members, of: node, misspelt: misspelt, &problems))
        guard strangers.isEmpty else { return nil }
        do { return make(repeat try present(each read)) } catch { return nil }
      },
      encode: { value in
        var members: [(String, Node)] = []
        for field in repeat each fields {
          let node = field.schema.encode(field.get(value))
          if node.value != .null { members.append((field.key, node)) }
        }
        return .object(members)
      })
  }
}

extension Problems {
  /// Refuses a key that is already there, or differs from one that is only in its spelling: as a name of something it
  /// would be another, and to people it would be the same.
  package mutating func reportTwin(_ member: Node.Member, of other: String) {
    let (problem, remedy) = twin(member.key, of: other, at: nil)
    report(problem, at: member.keyMark ?? member.value.mark, remedy: remedy)
  }

  /// The known keys that an unknown one was most likely meant to be.
  fileprivate func meant(by key: String, among known: [String]) -> [String] {
    if let remedy = guide(key, known) {
      return known.filter { remedy.contains("'\($0)'") || remedy.contains("'\($0):") }
    }
    return suggestion(for: key, among: known).map { [$0] } ?? []
  }

  /// Refuses a key that nothing knows, with the nearest one that is known.
  package mutating func reportUnknown(_ member: Node.Member, known: [String]) {
    let remedy: String
    if let known = guide(member.key, known) {
      remedy = known
    } else if let near = suggestion(for: member.key, among: known) {
      remedy = "did you mean '\(near)'?"
    } else if known.isEmpty {
      remedy = "no keys are allowed here"
    } else {
      remedy = "the keys here are \(known.joined(separator: ", "))"
    }
    report("unknown key '\(member.key)'", at: member.keyMark ?? member.value.mark, remedy: remedy)
  }
}

/// What is said of a key that stands in a mapping a second time, perhaps spelt otherwise.
///
/// - Parameters:
///   - key: The key.
///   - other: The first one.
///   - line: Where that is.
/// - Returns: What is wrong, and what to do about it.
package func twin(_ key: String, of other: String, at line: Int?) -> (
  problem: String, remedy: String
) {
  let place = line.map { "it is already on line \($0)" } ?? "it is already there"
  guard let (letter, first, second) = spellings(other, key) else {
    return ("duplicate key '\(key)'", "\(place): keep one of them")
  }
  return (
    "duplicate key '\(key)': the two differ only in how '\(letter)' is encoded",
    "\(place), with \(first), and here with \(second): keep one of them, or choose another name"
  )
}

private struct Absent: Error {}

private func present<Value>(_ value: Value?) throws(Absent) -> Value {
  guard let value else { throw Absent() }
  return value
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
