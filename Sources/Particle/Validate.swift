internal import ArgumentParser
internal import Compiler
internal import Glibc
internal import Model
internal import Usage

/// The command `particle validate RECIPE…`.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check recipes for errors.",
    discussion: """
      Does not use the network: whether an archive has the packages is checked only by \
      'particle compile'.

      Exit status: 0 all recipes are valid, 2 something is wrong.
      """)

  @Argument(help: "The recipes, YAML files.", completion: .file(extensions: ["yml", "yaml"]))
  var recipes: [String]

  @OptionGroup var options: RecipeOptions

  @Flag(help: "Print the problems as a JSON array.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print only errors.")
  var quiet = false

  func run() throws {
    let report = Report(colour: getenv("NO_COLOR") == nil && isatty(2) == 1)
    var problems: [Diagnostic] = []
    for path in recipes {
      do {
        let recipe = try Recipe.read(path, for: nil, options.settings, allowing: options.allow)
          .recipe
        if !quiet, !json {
          Output.results.write("\(path): \(recipe.name) is a valid recipe\n")
        }
      } catch {
        if !json {
          let text = report.text(error.diagnostics, source: Report.source)
          Output.errors.writeAsIs((problems.isEmpty ? "" : "\n") + text)
        }
        problems += error.diagnostics
      }
    }
    if json { Output.results.write(Report.json(problems)) }
    if !problems.isEmpty { throw ExitCode(2) }
  }
}
