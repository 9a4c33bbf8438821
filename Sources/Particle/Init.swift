internal import ArgumentParser
internal import Compiler
internal import Files
internal import Glibc
internal import Model

/// The command `particle init [TEMPLATE]`.
struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a new recipe, and the files it needs, from a template.",
    discussion: """
      'particle list templates' lists the templates. Existing files are never overwritten. The \
      recipe comes with its JSON Schema, so that editors can complete and explain it.
      """)

  @Argument(help: "The template to start from.")
  var template = "minimal"

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write to this directory.", valueName: "dir"),
    completion: .directory)
  var output = "."

  func run() throws {
    let files = try Template.named(template).files()
    let taken = files.map(\.path).filter { Files.exists("\(output)/\($0)") }
    guard taken.isEmpty else {
      throw Failure(
        "write", "the recipe", cause: "there is already \(taken.joined(separator: ", "))",
        remedy: "choose another directory with --output")
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
    let recipe = "\(output)/\(template).yml"
    let short = recipe.begins(with: "./") ? String(recipe.dropFirst(2)) : recipe
    Output.errors.write("particle: build it with: particle build \(shown(shellWord(short)))\n")
  }
}
