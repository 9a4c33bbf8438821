/// One value of a document, with the place it was read from.
package struct Node: Sendable {
  /// What a value can be.
  ///
  /// There are no floating-point numbers: they have no one canonical form.
  package enum Value: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    /// So many thousandths: for what reports measure. Recipes and manifests cannot have it.
    case decimal(thousandths: Int)
    case string(String)
    case list([Node])
    case object([Member])
  }

  /// One entry of an object, in the order it was written.
  package struct Member: Sendable, Equatable {
    package var key: String
    package var keyMark: Mark?
    package var value: Node

    package init(_ key: String, _ value: Node, keyMark: Mark? = nil) {
      self.key = key
      self.value = value
      self.keyMark = keyMark
    }

    /// Places do not count.
    package static func == (a: Self, b: Self) -> Bool {
      a.key.isSame(as: b.key) && a.value == b.value
    }
  }

  package var value: Value
  package var mark: Mark?
  /// The name of the variable that it is the value of; nil for all that was written in its place.
  package var variable: String?

  package init(_ value: Value, mark: Mark? = nil) {
    self.value = value
    self.mark = mark
  }

  package static func string(_ text: String) -> Node { Node(.string(text)) }
  package static func integer(_ number: Int) -> Node { Node(.integer(number)) }
  package static func decimal(thousandths: Int) -> Node {
    Node(.decimal(thousandths: thousandths))
  }
  package static func bool(_ flag: Bool) -> Node { Node(.bool(flag)) }
  package static func list(_ items: [Node]) -> Node { Node(.list(items)) }
  package static func object(_ members: [(String, Node)]) -> Node {
    Node(.object(members.map { Member($0.0, $0.1) }))
  }

  /// The member of an object with this key; nil where there is none or this is no object.
  package subscript(_ key: String) -> Node? {
    guard case .object(let members) = value else { return nil }
    return members.first { $0.key.isSame(as: key) }?.value
  }

  /// What a string says; nil for anything else.
  package var text: String? {
    if case .string(let text) = value { return text }
    return nil
  }

  /// What a list has; nil for anything else.
  package var items: [Node]? {
    if case .list(let items) = value { return items }
    return nil
  }

  /// What a person calls a value of this kind: "a list", "the string 'x'".
  package var kind: String {
    switch value {
    case .null: "nothing"
    case .bool(let flag): "\(flag)"
    case .integer(let number): "the number \(number)"
    case .decimal: "a number with a fraction"
    case .string(let text): text.count <= 40 ? "the string '\(text)'" : "a string"
    case .list: "a list"
    case .object: "a mapping"
    }
  }
}

extension Node: Equatable {
  /// Places do not count.
  package static func == (a: Node, b: Node) -> Bool { a.value == b.value }
}

extension Node.Value: Equatable {
  /// Texts are the same when their bytes are.
  package static func == (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.decimal(let a), .decimal(let b)): a == b
    case (.string(let a), .string(let b)): a.isSame(as: b)
    case (.list(let a), .list(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }
}
