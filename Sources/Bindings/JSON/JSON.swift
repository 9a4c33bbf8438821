internal import CJansson
package import Model

/// JSON text → `Node`, by jansson.
///
/// Refused are duplicate keys, also such as differ only in their spelling, NUL in strings, numbers that are not whole
/// 64-bit integers, and documents nested deeper than `depthLimit`.
package enum JSON {
  /// How many arrays and objects may be inside one another: some ten are in what we write.
  package static let depthLimit = 128

  /// Reads one JSON document.
  ///
  /// - Parameters:
  ///   - bytes: The text, UTF-8.
  ///   - file: What the text is called in a diagnostic.
  ///   - allowsDecimals: Whether a number may have up to three digits after the point, as those of
  ///     our reports; none of a manifest may.
  /// - Returns: The document's value.
  /// - Throws: What is wrong with the text.
  package static func parse(_ bytes: [UInt8], file: String, allowsDecimals: Bool = false)
    throws(Diagnostic) -> Node
  {
    let flags = size_t(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)
    var error = json_error_t()
    let root = bytes.withUnsafeBytes { buffer in
      json_loadb(
        buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, flags, &error)
    }
    guard let root else {
      let text = withUnsafeBytes(of: error.text) { raw in
        // The library keeps its own error code in the last byte of this array.
        String(decoding: raw.dropLast().prefix { $0 != 0 }, as: UTF8.self)
      }
      // The text at that place is left out: the file may be a link to one that nobody should see.
      let said = text.split(separator: " near ", maxSplits: 1).first.map(String.init) ?? text
      throw Diagnostic(
        "invalid JSON: \(said)",
        at: Mark(file: file, line: max(1, Int(error.line)), column: max(1, Int(error.column))))
    }
    let owner = Document(owning: root)
    var reader = Reader(file: file, allowsDecimals: allowsDecimals)
    return try reader.node(owner.root, depth: 0)
  }
}

/// Makes nodes of jansson's values.
private struct Reader {
  let file: String
  let allowsDecimals: Bool
  /// From the top of the document to the value that is read.
  private var path: [Problems.Step] = []

  init(file: String, allowsDecimals: Bool) {
    self.file = file
    self.allowsDecimals = allowsDecimals
  }

  mutating func node(_ json: UnsafeMutablePointer<json_t>, depth: Int) throws(Diagnostic) -> Node {
    switch json.pointee.type {
    case JSON_OBJECT, JSON_ARRAY:
      guard depth < JSON.depthLimit else {
        path = Array(path.prefix(4))
        throw problem(
          "too many nested levels", "nest arrays and objects at most \(JSON.depthLimit) levels deep"
        )
      }
      return json.pointee.type == JSON_OBJECT
        ? try object(json, depth: depth) : try array(json, depth: depth)
    case JSON_STRING:
      let bytes = UnsafeBufferPointer(
        start: json_string_value(json), count: json_string_length(json))
      return .string(String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    case JSON_INTEGER: return .integer(Int(json_integer_value(json)))
    case JSON_TRUE: return .bool(true)
    case JSON_FALSE: return .bool(false)
    case JSON_NULL: return Node(.null)
    case JSON_REAL where allowsDecimals && json_real_value(json).magnitude < 1e12:
      return .decimal(thousandths: Int((json_real_value(json) * 1000).rounded()))
    default:
      throw problem(
        "a number with a fraction or an exponent is not allowed", "write whole numbers")
    }
  }

  private mutating func object(_ json: UnsafeMutablePointer<json_t>, depth: Int)
    throws(Diagnostic) -> Node
  {
    var members: [Node.Member] = []
    /// By what people read: two keys can be one to them and not be the same bytes.
    var seen: [String: String] = [:]
    var iterator = json_object_iter(json)
    while let position = iterator {
      if let name = json_object_iter_key(position), let value = json_object_iter_value(position) {
        let key = String(cString: name)
        if let other = seen.updateValue(key, forKey: key) {
          let (text, remedy) = twin(key, of: other, at: nil)
          throw problem(text, remedy)
        }
        path.append(.key(key))
        members.append(Node.Member(key, try node(value, depth: depth + 1)))
        path.removeLast()
      }
      iterator = json_object_iter_next(json, position)
    }
    return Node(.object(members))
  }

  private mutating func array(_ json: UnsafeMutablePointer<json_t>, depth: Int)
    throws(Diagnostic) -> Node
  {
    var items: [Node] = []
    for index in 0..<json_array_size(json) {
      guard let item = json_array_get(json, index) else { continue }
      path.append(.index(Int(index)))
      items.append(try node(item, depth: depth + 1))
      path.removeLast()
    }
    return .list(items)
  }

  private func problem(_ text: String, _ remedy: String) -> Diagnostic {
    Diagnostic(
      text, at: Mark(file: file, line: 1, column: 1), path: Problems.text(of: path), remedy: remedy)
  }
}

/// The owner of a parsed document.
private struct Document: ~Copyable {
  let root: UnsafeMutablePointer<json_t>

  init(owning root: UnsafeMutablePointer<json_t>) { self.root = root }

  deinit {
    guard root.pointee.refcount != size_t.max else { return }
    if jansson_release(root) == 0 { json_delete(root) }
  }
}

/// One reference less; how many are left. (`json_decref` is a static inline function.)
private func jansson_release(_ json: UnsafeMutablePointer<json_t>) -> size_t {
  json.pointee.refcount -= 1
  return json.pointee.refcount
}
