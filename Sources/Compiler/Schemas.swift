package import Model
internal import StageContracts

/// The JSON Schemas of everything that people and programs write, by their paths below `schemas/`.
package func schemaDocuments() -> [String: Node] {
  let when = ("when", Condition.schema.describe())
  let modules = Schema.list(of: AnyModule.schema.conditional).describe().allowingVariables
  var documents = [
    "recipe": document(
      "recipe", "A particle-os recipe", Recipe.schema.describe().allowingVariables,
      definitions: [when]),
    "modules": document(
      "modules", "A file of particle-os modules, for 'from-file' in a recipe", moduleFile,
      definitions: [when, ("modules", modules)]),
    "manifest": document("manifest", "A particle-os manifest", Manifest.schema.describe()),
  ]
  for contract in catalog {
    let name = "stages/\(contract.name)"
    documents[name] = document(name, contract.summary, contract.description.options)
  }
  return Dictionary(
    uniqueKeysWithValues: documents.map { ("\($0.key).schema.json", $0.value) })
}

/// A list, or a mapping with nothing but one.
private let moduleFile: Node = {
  let modules = Node.object([("$ref", .string("#/$defs/modules"))])
  let mapping = Node.object([
    ("type", .string("object")), ("additionalProperties", .bool(false)),
    ("required", .list([.string("modules")])), ("properties", .object([("modules", modules)])),
  ])
  return .object([
    ("if", .object([("type", .string("array"))])), ("then", modules), ("else", mapping),
  ])
}()

private func document(
  _ name: String, _ title: String, _ schema: Node, definitions: [(String, Node)] = []
) -> Node {
  guard case .object(let members) = schema.value else { return schema }
  let id = name.split(separator: "/").joined(separator: ":")
  let head = [
    Node.Member("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
    Node.Member("$id", .string("urn:particle-os:schema:\(id)")),
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
