package import Model
internal import Runner

extension ImageDifference {
  /// What people read; empty where nothing differs.
  package var text: String {
    var blocks: [(place: [String], lines: String)] = []
    for finding in findings {
      if blocks.last?.place != finding.place { blocks.append((finding.place, "")) }
      blocks[blocks.count - 1].lines += Self.lines(finding.what)
    }
    return blocks.map { place, lines in
      (place.isEmpty ? "the image" : shown(place.joined(separator: " > "))) + "\n" + lines
    }.joined(separator: "\n")
  }

  private static func lines(_ what: Finding.What) -> String {
    switch what {
    case .fact(let name, let old?, let new?): "  \(name): \(shown(old)) → \(shown(new))\n"
    case .fact(let name, nil, let new): "  \(name): added \(shown(new ?? "nothing"))\n"
    case .fact(let name, let old?, nil): "  \(name): removed \(shown(old))\n"
    case .bytes(let excerpt, .other): "  different bytes\n" + excerpt.indented
    case .bytes(let excerpt, let kind):
      "  different bytes, of \(kind), whose files cannot be read\n" + excerpt.indented
    case .form(let excerpt):
      "  the same contents, but different bytes around them\n" + excerpt.indented
    case .files(let files): files.text
    }
  }

  /// The same for programs: what docs/commands.md says.
  package var node: Node {
    .object([
      ("different", .bool(!isEmpty)),
      ("findings", .list(findings.map(Self.node))),
    ])
  }

  private static func node(_ finding: Finding) -> Node {
    let place = ("place", Node.list(finding.place.map { .string($0) }))
    switch finding.what {
    case .fact(let name, let old, let new):
      return .object(
        [("fact", .string(name))] + (old.map { [("old", Node.string($0))] } ?? [])
          + (new.map { [("new", Node.string($0))] } ?? []) + [place])
    case .bytes(let excerpt, _):
      return .object([("bytes", .list(excerpt.lines.map { .string($0) })), place])
    case .form(let excerpt):
      return .object([("form", .list(excerpt.lines.map { .string($0) })), place])
    case .files(let files): return .object([("files", files.node), place])
    }
  }
}
