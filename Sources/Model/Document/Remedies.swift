/// How a value would be written as a list, where one is wanted and the value is what the list should have; nil where it
/// is not.
///
/// - Parameters:
///   - node: What was written: `raw`, or several words such as `raw, qcow2`.
///   - element: What the list's items are.
///   - key: Whose value it is.
/// - Returns: The remedy, with the line as it should be.
func listed<Element>(_ node: Node, of element: Schema<Element>, for key: String?) -> String? {
  var items = [node]
  if case .string(let text) = node.value {
    let words = text.split { $0 == "," || $0 == " " }.map(String.init)
    if words.count > 1 { items = words.map { Node.string($0) } }
  }
  guard items.allSatisfy({ fits($0, element) }) else { return nil }
  if case .object = node.value {
    return "write '- ' in front of it: it is one item of the list"
  }
  let texts = items.compactMap(\.flowText)
  guard texts.count == items.count else { return nil }
  return "write \(key.map { "\($0): " } ?? "")[\(texts.joined(separator: ", "))]"
}

/// How the only item of a list would be written alone, where a string is wanted.
func single(_ item: Node, for key: String?) -> String {
  guard case .string = item.value, let text = item.flowText else {
    return "write one string, without the list"
  }
  return "write \(key.map { "\($0): " } ?? "")\(text)"
}

/// How a value would be written as a mapping, where one is wanted and the value is what stands in it under `name`; nil
/// where it is not.
func held<Value>(_ node: Node, by name: String, of schema: Schema<Value>, for key: String?)
  -> String?
{
  guard let text = node.flowText, fits(node, schema) else { return nil }
  return "write \(key.map { "\($0): " } ?? "")" + "{\(name): \(text)}"
}

/// Whether a schema reads the value.
private func fits<Value>(_ node: Node, _ schema: Schema<Value>) -> Bool {
  var problems = Problems()
  return schema.decode(node, &problems) != nil && !problems.hasErrors
}

extension Node {
  /// It within a list of YAML; nil for what has parts, and for nothing.
  fileprivate var flowText: String? {
    switch value {
    case .integer(let number): return "\(number)"
    case .bool(let flag): return "\(flag)"
    case .string(let text):
      let isPlain = text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "/"): true
        case UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: ":"): true
        default: false
        }
      }
      let begins = text.utf8.first.map { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":") }
      let isWord = isPlain && begins == true && !text.ends(with: ":") && text.utf8.count <= 60
      return isWord ? text : String(decoding: Node.string(text).canonicalBytes, as: UTF8.self)
    case .null, .decimal, .list, .object: return nil
    }
  }
}
