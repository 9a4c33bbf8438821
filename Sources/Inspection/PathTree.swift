internal import Model

/// Values by path, of which all below a path can go without a look at the rest.
struct PathTree<Value> {
  private(set) var values: [ByteString: Value] = [:]
  /// The paths right below a path, of those that have a value or something below them; the root is the empty path.
  private var children: [ByteString: Set<ByteString>] = [:]

  subscript(path: ByteString) -> Value? { values[path] }

  /// Sets what is at a path, and keeps what is below it.
  mutating func set(_ path: ByteString, to value: Value) {
    if values.updateValue(value, forKey: path) != nil { return }
    var path = path
    while !path.isEmpty {
      let parent = Self.parent(of: path)
      if !children[parent, default: []].insert(path).inserted { return }
      path = parent
    }
  }

  /// Removes what is below a path, and on demand the path's own value, but for paths that stay.
  mutating func remove(_ path: ByteString, withItself: Bool, but kept: Set<ByteString>) {
    var found = [path]
    var next = 0
    while next < found.count {
      found += children[found[next]] ?? []
      next += 1
    }
    // What is below a path comes before it.
    for each in found.reversed() {
      if each == path, !withItself { continue }
      if kept.contains(each) { continue }
      values[each] = nil
      guard children[each] == nil, !each.isEmpty else { continue }
      let parent = Self.parent(of: each)
      children[parent]?.remove(each)
      if children[parent]?.isEmpty == true { children[parent] = nil }
    }
  }

  private static func parent(of path: ByteString) -> ByteString {
    ByteString(path.bytes[..<(path.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0)])
  }
}
