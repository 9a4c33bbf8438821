internal import Model

/// The pages of docs/modules, by their names there: one of each kind of module, and a list of them.
package func modulePages() -> [String: String] {
  var pages = [
    "README.md": """
    # The modules

    The `modules` of a recipe are applied in the order in which they are written. Each has a `type`
    and the keys that its page lists; any other key is an error.

    | type | what it does |
    |---|---|

    """
      + moduleCatalog.map { "| [`\($0.type)`](\($0.type).md) | \($0.summary) |\n" }.joined()
  ]
  for kind in moduleCatalog { pages["\(kind.type).md"] = page(of: kind) }
  return pages
}

private func page(of kind: any Module.Type) -> String {
  var parts = ["# \(kind.type)", kind.summary, "```yaml\nmodules:\n\(kind.example.indented)\n```"]
  let rows = rows(of: kind.describe(), below: "")
  parts.append("| key | meaning | default |\n|---|---|---|\n" + rows.joined(separator: "\n"))
  if !kind.notes.isEmpty { parts.append(kind.notes) }
  if kind.isSingle { parts.append("A recipe has this module at most once.") }
  return parts.joined(separator: "\n\n") + "\n"
}

/// A line for each key of an object's JSON Schema, those of inner objects after it.
private func rows(of schema: Node, below path: String) -> [String] {
  guard case .object(let keys)? = schema["properties"]?.value else { return [] }
  var required: [Node] = []
  if case .list(let names)? = schema["required"]?.value { required = names }
  return keys.filter { $0.value["const"] == nil }.flatMap { key -> [String] in
    let own = key.value
    var name = path + key.key
    var meaning = text(own["description"])
    if let choices = own["enum"] ?? own["items"]?["enum"], case .list(let names) = choices.value {
      let words = names.map { "`\(text($0))`" }.joined(separator: ", ")
      meaning += " \(own["items"] == nil ? "One" : "Some") of \(words)."
    }
    let standard = own["default"].map { "`\(String(decoding: $0.canonicalBytes, as: UTF8.self))`" }
    let isRequired = required.contains(.string(key.key))
    var inner = own
    if let items = own["items"] {
      inner = items
      if inner["properties"] != nil { name += "[]" }
    } else if let values = own["additionalProperties"], values["properties"] != nil {
      inner = values
      name += ".NAME"
    }
    return ["| `\(name)` | \(meaning) | \(isRequired ? "required" : standard ?? "") |"]
      + rows(of: inner, below: name + ".")
  }
}

/// A text for a cell of a table.
private func text(_ node: Node?) -> String {
  guard case .string(let text)? = node?.value else { return "" }
  return text.replacing("|", with: "\\|")
}

extension String {
  fileprivate var indented: String {
    split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "" : "  \($0)" }.joined(separator: "\n")
  }
}
