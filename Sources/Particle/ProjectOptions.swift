internal import ArgumentParser

/// What a recipe may read, for every verb that reads one.
struct ProjectOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A directory that the recipe may read from, besides its project; may be given again.",
      valueName: "dir"), completion: .directory)
  var allow: [String] = []
}
