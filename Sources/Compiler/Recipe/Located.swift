package import Model

/// A value and the place it was read from, for what can be found wrong only later.
package struct Located<Value: Sendable>: Sendable {
  package var value: Value
  package var mark: Mark?

  package init(_ value: Value, at mark: Mark? = nil) {
    self.value = value
    self.mark = mark
  }
}

extension Located: Equatable where Value: Equatable {
  /// Places do not count.
  package static func == (a: Self, b: Self) -> Bool { a.value == b.value }
}

extension Schema {
  /// The same document form, its place kept.
  package var located: Schema<Located<Value>> {
    mapped({ value, node, _ in Located(value, at: node.mark) }, { $0.value })
  }
}
