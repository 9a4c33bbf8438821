internal import ArgumentParser
internal import Compiler
internal import Files
internal import Model

/// The command `particle init [TEMPLATE]`.
struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a recipe to begin with, and what belongs to it.",
    discussion: """
      'particle list templates' names them. Nothing is overwritten. With the recipe comes its JSON \
      Schema, so that an editor can complete and explain it.
      """)

  @Argument(help: "The template.")
  var template = "minimal"

  @Option(name: .shortAndLong, help: "The folder to write to.", completion: .directory)
  var output = "."

  func run() throws {
    let files = try Template.named(template).files()
    let taken = files.map(\.path).filter { Files.exists("\(output)/\($0)") }
    guard taken.isEmpty else {
      throw Failure(
        "write", "the recipe", cause: "there is already \(taken.joined(separator: ", "))",
        remedy: "choose another folder with --output")
    }
    for file in files {
      let path = "\(output)/\(file.path)"
      if let slash = path.lastIndex(of: "/") { try Files.makeDirectories(String(path[..<slash])) }
      try Files.write(file.bytes, to: path)
      Output.results.write("\(path)\n")
    }
  }
}
