/// One named member of an object, or several that are read as one value.
package struct Field<Root: Sendable, Value: Sendable>: Sendable {
  /// Its names: one, but for members that are read together.
  fileprivate var keys: [String]
  /// Whether it must be there.
  fileprivate var isRequired: Bool
  /// Its JSON Schema, by its names.
  fileprivate var describe: @Sendable () -> [(String, Node)]
  fileprivate var read: @Sendable (Members, inout Problems) -> Value?
  /// Nothing for what may be left out.
  fileprivate var write: @Sendable (Root) -> [(String, Node)]
  /// Where a value belongs that stands in the place of the whole object.
  fileprivate var remedy: @Sendable (Node, Problems) -> String?

  /// The members of an object that is read.
  fileprivate struct Members {
    var all: [Node.Member]
    var mark: Mark?
    /// The known keys that unknown ones were most likely meant to be.
    var misspelt: [String]

    func find(_ key: String) -> Node? { all.first { $0.key.isSame(as: key) }?.value }
  }

  /// - Parameters:
  ///   - key: Its name.
  ///   - get: Finds it in the object.
  ///   - schema: Of its value.
  ///   - fallback: The value when it is left out; nil where it must be there.
  ///   - doc: What it is for, in a sentence.
  package init(
    _ key: String, _ get: @escaping @Sendable (Root) -> Value, _ schema: Schema<Value>,
    default fallback: Value? = nil, _ doc: String
  ) {
    keys = [key]
    isRequired = fallback == nil
    describe = {
      guard case .object(var members) = schema.describe().value else { return [] }
      members.append(Node.Member("description", .string(doc)))
      if let fallback {
        let value = schema.encode(fallback)
        if value.value != .null { members.append(Node.Member("default", value)) }
      }
      return [(key, Node(.object(members)))]
    }
    read = { members, problems in
      if let value = members.find(key) {
        return problems.inside(.key(key)) { schema.decode(value, &$0) }
      }
      if fallback == nil, !members.misspelt.contains(key) {
        problems.report(
          "'\(key)' is missing", at: members.mark, remedy: "add '\(key)': \(doc.lowercasedFirst)")
      }
      return fallback
    }
    write = { root in
      let node = schema.encode(get(root))
      return node.value == .null ? [] : [(key, node)]
    }
    remedy = { node, problems in held(node, by: key, of: schema, for: problems.key) }
  }

  /// A member that may be left out, and then is nil.
  package init<Wrapped: Sendable>(
    optional key: String, _ get: @escaping @Sendable (Root) -> Wrapped?,
    _ schema: Schema<Wrapped>, _ doc: String
  ) where Value == Wrapped? {
    self.init(key, get, schema.optional, default: .some(nil), doc)
  }

  /// A member of several that are read together.
  package struct Member<Element: Sendable>: Sendable {
    package var key: String
    package var schema: Schema<Element>
    package var doc: String

    package init(_ key: String, _ schema: Schema<Element>, _ doc: String) {
      self.key = key
      self.schema = schema
      self.doc = doc
    }
  }

  /// Several members that may each be left out, as one value: those that are there, by their names.
  ///
  /// - Parameters:
  ///   - members: The members, in order.
  ///   - get: Finds in the object those that are there.
  package init<Element: Sendable>(
    anyOf members: [Member<Element>], _ get: @escaping @Sendable (Root) -> [String: Element]
  ) where Value == [String: Element] {
    keys = members.map(\.key)
    isRequired = false
    describe = {
      members.compactMap { member in
        guard case .object(let own) = member.schema.describe().value else { return nil }
        return (
          member.key, Node(.object(own + [Node.Member("description", .string(member.doc))]))
        )
      }
    }
    read = { found, problems in
      var values: [String: Element] = [:]
      var isWhole = true
      for member in members {
        guard let node = found.find(member.key) else { continue }
        let value = problems.inside(.key(member.key)) { member.schema.decode(node, &$0) }
        values[member.key] = value
        isWhole = isWhole && value != nil
      }
      return isWhole ? values : nil
    }
    write = { root in
      let values = get(root)
      return members.compactMap { member in
        values[member.key].map { (member.key, member.schema.encode($0)) }
      }
    }
    remedy = { _, _ in nil }
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
      keys += field.keys
      if field.isRequired { needed += field.keys }
    }
    let (known, required) = (keys, needed)
    return Schema(
      describe: {
        var properties: [(String, Node)] = []
        for field in repeat each fields { properties += field.describe() }
        return .object([
          ("type", .string("object")), ("additionalProperties", .bool(false)),
          ("properties", .object(properties)), ("required", .list(required.map(Node.string))),
        ])
      },
      decode: { node, problems in
        guard case .object(let members) = node.value else {
          var remedy: String?
          for field in repeat each fields {
            let others = required.filter { !field.keys.contains($0) }
            if remedy == nil, others.isEmpty { remedy = field.remedy(node, problems) }
          }
          problems.report(
            "expected a mapping, found \(node.kind)", at: node.mark, remedy: remedy)
          return nil
        }
        let strangers = members.filter { !known.has($0.key) }
        for member in strangers { problems.reportUnknown(member, known: known) }
        let misspelt = strangers.flatMap { problems.meant(by: $0.key, among: known) }
        let read =
          (repeat (each fields).read(
            .init(all: members, mark: node.mark, misspelt: misspelt), &problems))
        guard strangers.isEmpty else { return nil }
        do { return make(repeat try present(each read)) } catch { return nil }
      },
      encode: { value in
        var members: [(String, Node)] = []
        for field in repeat each fields { members += field.write(value) }
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
