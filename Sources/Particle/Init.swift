internal import ArgumentParser
internal import Compiler
internal import Files
internal import Glibc
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
    try Files.makeOutputDirectory(output)
    var written: [String] = []
    do {
      for file in files {
        let path = "\(output)/\(file.path)"
        try Files.makeOutputDirectory(Files.directory(of: path))
        try Files.create(path, file.bytes)
        written.append(path)
      }
    } catch {
      for path in written { unlink(path) }
      throw error
    }
    for path in written { Output.results.write("\(shown(path))\n") }
  }
}
