import Compiler
import Files
import Model
import StageContracts
import Testing

@Suite struct SchemaFileTests {
  @Test func `the schemas in the tree are current`() throws {
    for (path, schema) in schemaDocuments() {
      try expectGolden(schema.prettyText, "schemas/\(path)")
    }
  }

  @Test func `the tree has no other schemas`() throws {
    let known = Set(schemaDocuments().keys)
    let stages = try Files.names(in: "\(root)/schemas/stages").map { "stages/\($0)" }
    let found = try Files.names(in: "\(root)/schemas").filter { $0.hasSuffix(".json") }
    #expect(Set(stages + found) == known)
  }

  @Test func `every stage's contract is known`() throws {
    let folder = "\(root)/Sources/StageBins"
    let stages = try Files.names(in: folder).filter { Files.exists("\(folder)/\($0)/Body.swift") }
    #expect(Set(catalog.map { $0.name }) == Set(stages))
  }
}
