package import Model
internal import StageContracts

/// The JSON Schemas of everything that people and programs write, by their paths below `schemas/`.
package func schemaDocuments() -> [String: Node] {
  var documents = [
    "recipe.schema.json": document("A particle-os recipe", Recipe.schema.describe()),
    "manifest.schema.json": document("A particle-os manifest", Manifest.schema.describe()),
  ]
  for contract in catalog {
    documents["stages/\(contract.name).schema.json"] = document(
      contract.summary, contract.description.options)
  }
  return documents
}

private func document(_ title: String, _ schema: Node) -> Node {
  guard case .object(let members) = schema.value else { return schema }
  let head = [
    Node.Member("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
    Node.Member("title", .string(title)),
  ]
  return Node(.object(head + members))
}
