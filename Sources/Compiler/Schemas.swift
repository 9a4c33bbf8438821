package import Model
internal import StageContracts

/// The JSON Schemas of everything that people and programs write, by their paths below `schemas/`.
package func schemaDocuments() -> [String: Node] {
  var documents = [
    "recipe.schema.json": document(
      "A particle-os recipe", Recipe.schema.describe().allowingVariables,
      definitions: [("when", Condition.schema.describe())]),
    "manifest.schema.json": document("A particle-os manifest", Manifest.schema.describe()),
  ]
  for contract in catalog {
    documents["stages/\(contract.name).schema.json"] = document(
      contract.summary, contract.description.options)
  }
  return documents
}

private func document(_ title: String, _ schema: Node, definitions: [(String, Node)] = [])
  -> Node
{
  guard case .object(let members) = schema.value else { return schema }
  let head = [
    Node.Member("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
    Node.Member("title", .string(title)),
  ]
  let tail = definitions.isEmpty ? [] : [Node.Member("$defs", .object(definitions))]
  return Node(.object(head + members + tail))
}

extension Node {
  /// The schema, its texts' patterns met by what has `${{ name }}` in it, too: what the value then
  /// is stands nowhere in the document.
  fileprivate var allowingVariables: Node {
    switch value {
    case .object(let members):
      return Node(
        .object(
          members.map { member in
            if member.key == "pattern", case .string(let pattern) = member.value.value {
              return Member(member.key, .string(pattern + "|\\$\\{\\{"))
            }
            return Member(member.key, member.value.allowingVariables)
          }))
    case .list(let items): return .list(items.map(\.allowingVariables))
    default: return self
    }
  }
}
