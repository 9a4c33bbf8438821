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
    var isWrong = false
    func tell(_ found: [Diagnostic]) {
      if found.isEmpty { return }
      if !json {
        let text = report.text(found, source: Report.source)
        Output.errors.writeAsIs((problems.isEmpty ? "" : "\n") + text)
      }
      problems += found
    }
    for path in recipes {
      do {
        let document = try Recipe.read(
          path, for: nil, options.settings, allowing: options.allow)
        if !quiet {
          tell(document.warnings)
          if !json {
            Output.results.write("\(path): \(document.recipe.name) is a valid recipe\n")
          }
        }
      } catch {
        isWrong = true
        tell(error.diagnostics)
      }
    }
    if json { Output.results.write(Report.json(problems)) }
    if isWrong { throw ExitCode(2) }
  }
}
