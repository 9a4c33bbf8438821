import Compiler
import Files
import Model
import Processes
import TestSupport
import Testing
import YAML

/// What an editor with the recipe's JSON Schema says, by a validator that is not ours.
@Suite struct EditorTests {
  /// Of the recipes at these paths those that the schema refuses, by Python's jsonschema (draft 2020-12).
  private func refused(_ recipes: [String]) throws -> [String] {
    try withTemporaryDirectory { folder in
      var names: [String: String] = [:]
      for (index, recipe) in recipes.enumerated() {
        let node = try YAML.parse(try Files.read(recipe), file: recipe)
        try Files.write(node.prettyBytes, to: "\(folder)/\(index).json")
        names["\(index).json"] = recipe
      }
      let program = """
        import json, os, sys
        from jsonschema import Draft202012Validator
        schema = json.load(open(sys.argv[1]))
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        for name in os.listdir(sys.argv[2]):
            if not validator.is_valid(json.load(open(os.path.join(sys.argv[2], name)))):
                print(name)
        """
      // The system's own Python has what Debian's packages bring.
      let said = try Command([
        "/usr/bin/python3", "-c", program, "\(root)/schemas/recipe.schema.json", folder,
      ]).runChecked()
      return said.text.split(separator: "\n").compactMap { names[String($0)] }.sorted()
    }
  }

  private func recipes(in folder: String) throws -> [String] {
    try Files.names(in: "\(root)/\(folder)").filter { $0.hasSuffix(".yml") }
      .map { "\(root)/\(folder)/\($0)" }
  }

  @Test func `accepts every recipe`() throws {
    let all =
      try recipes(in: "recipes") + ["\(root)/Tests/CompilerTests/Golden/everything.yml"]
      + recipes(in: "Tests/EndToEndTests/Recipes")
    #expect(try refused(all) == [])
  }

  @Test func `accepts the example of every module`() throws {
    try withTemporaryDirectory { folder in
      var examples: [String] = []
      for kind in moduleCatalog {
        let path = "\(folder)/\(kind.type).yml"
        let modules = kind.example.split(separator: "\n", omittingEmptySubsequences: false)
          .map { "  \($0)\n" }.joined()
        try Files.write(
          Array("version: 1\nname: x\nbase: {debian: trixie}\nmodules:\n\(modules)".utf8),
          to: path)
        examples.append(path)
      }
      #expect(try refused(examples) == [])
    }
  }

  /// The list says which mistakes an editor shows while one writes; the others are between keys,
  /// or in files.
  @Test func `refuses what is wrong in itself`() throws {
    let folder = "Tests/CompilerTests/Refusals"
    let readable = try recipes(in: folder).filter { path in
      (try? YAML.parse(try Files.read(path), file: path)) != nil
    }
    let names = try refused(readable).map { $0.split(separator: "/").last.map { "\($0)\n" } ?? "" }
    try expectGolden(names.joined(), "Tests/CompilerTests/Golden/refused-by-schema.txt")
  }
}
