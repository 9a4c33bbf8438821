internal import ArgumentParser

/// What a recipe may read, for every verb that reads one.
struct ProjectOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Let the recipe read from this directory, too, not only its project. Can be repeated.",
      valueName: "dir"), completion: .directory)
  var allow: [String] = []
}
