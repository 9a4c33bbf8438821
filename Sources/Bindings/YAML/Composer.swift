internal import Model

/// Puts the events of one document together to a `Node`.
struct Composer: ~Copyable {
  private let reader: EventReader
  private var anchors: [String: (node: Node, count: Int)] = [:]
  private var count = 0
  /// Keys that stand twice: found while going on, so that all can be told.
  private(set) var duplicates: [Diagnostic] = []

  init(_ reader: consuming EventReader) { self.reader = reader }

  mutating func document() throws(Diagnostic) -> Node {
    _ = try reader.next()
    let start = try reader.next()
    guard case .documentStart = start.kind else {
      throw Diagnostic(
        "the file is empty", at: Mark(file: reader.file, line: 1, column: 1),
        remedy: "a recipe begins with 'version: 1'")
    }
    let root = try node(try reader.next(), depth: 0)
    _ = try reader.next()
    let end = try reader.next()
    guard case .streamEnd = end.kind else {
      throw Diagnostic(
        "the file contains a second document", at: end.mark, remedy: "keep one document per file")
    }
    if let last = duplicates.popLast() { throw last }
    return root
  }

  private mutating func node(_ event: Event, depth: Int) throws(Diagnostic) -> Node {
    let before = count
    try spend(1, at: event.mark)
    guard depth < YAML.depthLimit else {
      throw Diagnostic(
        "too many nested levels", at: event.mark,
        remedy: "nest lists and mappings at most \(YAML.depthLimit) levels deep")
    }
    try refuseTag(of: event)
    let node: Node
    switch event.kind {
    case .alias(let name): return try repeated(name, at: event.mark)
    case .scalar(let text, let isPlain):
      guard !text.utf8.contains(0) else {
        throw Diagnostic(
          "a string cannot contain a NUL character", at: event.mark, remedy: "remove the \\0")
      }
      let isText = !isPlain || event.tag != nil
      node = Node(isText ? .string(text) : YAML.plain(text), mark: event.mark)
    case .sequenceStart: node = try sequence(event, depth: depth)
    case .mappingStart: node = try mapping(event, depth: depth)
    default:
      throw Diagnostic("a value is missing here", at: event.mark, remedy: "add a value")
    }
    if let anchor = event.anchor { anchors[anchor] = (node, count - before) }
    return node
  }

  private mutating func sequence(_ start: Event, depth: Int) throws(Diagnostic) -> Node {
    var items: [Node] = []
    while true {
      let event = try reader.next()
      if case .sequenceEnd = event.kind { break }
      items.append(try node(event, depth: depth + 1))
    }
    return Node(.list(items), mark: start.mark)
  }

  private mutating func mapping(_ start: Event, depth: Int) throws(Diagnostic) -> Node {
    var members: [Node.Member] = []
    var merged: [Node.Member] = []
    var seen: [String: (key: String, mark: Mark)] = [:]
    while true {
      let event = try reader.next()
      if case .mappingEnd = event.kind { break }
      guard case .scalar(let key, let isPlain) = event.kind else {
        throw Diagnostic(
          "a key must be a plain string", at: event.mark,
          remedy: "put strings that begin with {, [ or * in quotes")
      }
      try refuseTag(of: event)
      if let first = seen[key] {
        let (problem, remedy) = twin(key, of: first.key, at: first.mark.line)
        duplicates.append(Diagnostic(problem, at: event.mark, remedy: remedy))
      }
      seen[key] = (key, event.mark)
      let value = try node(try reader.next(), depth: depth + 1)
      if key == "<<", isPlain {
        merged += try mergeable(value, at: event.mark)
      } else {
        members.append(Node.Member(key, value, keyMark: event.mark))
      }
    }
    for member in merged where seen[member.key] == nil {
      seen[member.key] = (member.key, start.mark)
      members.append(member)
    }
    return Node(.object(members), mark: members.first?.keyMark ?? start.mark)
  }

  /// The members of the mapping that a merge key has, or of all mappings in its list.
  private func mergeable(_ value: Node, at mark: Mark) throws(Diagnostic) -> [Node.Member] {
    switch value.value {
    case .object(let members): return members
    case .list(let items):
      var all: [Node.Member] = []
      for item in items {
        guard case .object(let members) = item.value else { throw unmergeable(item, mark) }
        all += members
      }
      return all
    default: throw unmergeable(value, mark)
    }
  }

  private func unmergeable(_ value: Node, _ mark: Mark) -> Diagnostic {
    Diagnostic(
      "expected a mapping to merge with '<<', found \(value.kind)", at: mark,
      remedy: "write '<<: *name', with '&name' in front of a mapping")
  }

  private mutating func repeated(_ name: String, at mark: Mark) throws(Diagnostic) -> Node {
    guard let (node, size) = anchors[name] else {
      throw Diagnostic(
        "unknown anchor '\(name)'", at: mark,
        remedy: "put '&\(name)' in front of the value to repeat, before this alias")
    }
    try spend(size, at: mark)
    return Node(node.value, mark: node.mark)
  }

  private mutating func spend(_ nodes: Int, at mark: Mark) throws(Diagnostic) {
    count += nodes
    guard count <= YAML.nodeLimit else {
      throw Diagnostic(
        "the document becomes too large here", at: mark,
        remedy: "use fewer values, or fewer aliases of large ones: at most \(YAML.nodeLimit) in all"
      )
    }
  }

  private func refuseTag(of event: Event) throws(Diagnostic) {
    guard let tag = event.tag, tag != "!", tag != "tag:yaml.org,2002:str" else { return }
    throw Diagnostic(
      "the tag '\(tag)' is not supported", at: event.mark,
      remedy: "remove it; the only supported tag is !!str")
  }
}
