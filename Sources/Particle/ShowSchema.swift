internal import ArgumentParser
internal import Compiler
internal import Model

/// The command `particle schema NAME`.
struct ShowSchema: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema for recipes, files of modules, manifests or a stage.",
    discussion: """
      Editors with the YAML language server complete and explain a recipe whose first line is \
      '# yaml-language-server: $schema=FILE'.
      """)

  @Argument(
    help: "The schema: recipe, modules, manifest or stages/NAME.",
    completion: .list(schemaDocuments().keys.sorted().map { name(of: $0) }))
  var name: String

  private static func name(of file: String) -> String {
    String(file.dropLast(".schema.json".count))
  }

  func run() throws {
    let documents = schemaDocuments()
    guard let schema = documents["\(name).schema.json"] else {
      let names = documents.keys.sorted().map { Self.name(of: $0) }
      let near =
        suggestion(for: name, among: names)
        ?? suggestion(for: "stages/\(name)", among: names)
      throw Refusal(diagnostics: [
        Diagnostic(
          "there is no schema '\(name)'",
          remedy: near.map { "did you mean '\($0)'?" }
            ?? "the schemas are \(names.joined(separator: ", "))")
      ])
    }
    Output.results.write(schema)
  }
}
