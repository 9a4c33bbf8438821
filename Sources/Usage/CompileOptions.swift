package import ArgumentParser
package import Model

/// What a recipe may read, and what its variables are: for all that read one.
package struct RecipeOptions: ParsableArguments {
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Set a variable that the recipe declares. Can be repeated.", valueName: "key=value"))
  package var settings: [Setting] = []

  @Option(
    help: ArgumentHelp(
      "Let the recipe read from this directory, too, not only its project. Can be repeated.",
      valueName: "dir"), completion: .directory)
  package var allow: [String] = []

  package init() {}

  /// The same as arguments of another program.
  package var words: [String] {
    settings.flatMap { ["--set", "\($0)"] } + allow.flatMap { ["--allow", $0] }
  }
}

/// How a recipe is compiled: for all that compile one.
package struct CompileOptions: ParsableArguments {
  @Option(
    name: .customLong("arch"),
    help: ArgumentHelp(
      "The architecture to compile for, one of the recipe's. Default: this machine's if the recipe"
        + " has it, otherwise its first.", valueName: "arch"))
  package var architecture: String?

  @Option(help: ArgumentHelp("The URL of a Debian archive.", valueName: "url"))
  package var mirror: String?

  @Option(
    help: ArgumentHelp(
      "Keep the packages recorded in this earlier manifest.", valueName: "manifest"),
    completion: .file(extensions: ["json"]))
  package var lock: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Let these packages of the lock change; without names, all of them.",
      valueName: "package"))
  package var update: [String] = []

  @Option(
    help: ArgumentHelp(
      "Take packages from the archive as it was at this time. --mirror or PARTICLE_SNAPSHOT then"
        + " gives the URL of the snapshot archive.", valueName: "time"))
  package var snapshot: Timestamp?

  @OptionGroup package var recipe: RecipeOptions

  @Option(
    help: ArgumentHelp(
      "Keep package lists in this directory. Default: PARTICLE_CACHE or the usual place.",
      valueName: "dir"),
    completion: .directory)
  package var cache: String?

  package init() {}

  package mutating func validate() throws {
    if !update.isEmpty, lock == nil {
      throw ValidationError(
        "--update needs a lock whose packages may change: add --lock MANIFEST")
    }
    if update.count > 1, updatesEverything {
      throw ValidationError(
        "--update is given both with and without package names: keep one of the two")
    }
  }

  /// What a bare `--update` stands for; no package is called so.
  private static let everything = "*"

  /// Whether `--update` has no names.
  package var updatesEverything: Bool { update.contains(Self.everything) }

  /// Arguments with a bare `--update` in a form that the parser knows, and behind all others: it takes the words that follow
  /// for names of packages, the recipe too.
  ///
  /// - Parameter given: A command line, without the program's name.
  /// - Returns: The same for the parser.
  package static func parsable(_ given: [String]) -> [String] {
    let isBare = given.indices.map { index in
      guard given[index] == "--update" else { return false }
      let next = index + 1 < given.count ? given[index + 1] : "-"
      return next.hasPrefix("-") || next.hasSuffix(".yml") || next.hasSuffix(".yaml")
    }
    guard isBare.contains(true) else { return given }
    var others = zip(given, isBare).filter { !$0.1 }.map(\.0)
    others.insert("--update=\(everything)", at: others.firstIndex(of: "--") ?? others.endIndex)
    return others
  }

  /// The same as arguments of another program.
  package var words: [String] {
    let given: [(String, String?)] = [
      ("--arch", architecture), ("--mirror", mirror), ("--cache", cache), ("--lock", lock),
      ("--snapshot", snapshot.map { "\($0)" }),
    ]
    return given.flatMap { name, value in value.map { [name, $0] } ?? [] } + recipe.words
      + (updatesEverything ? ["--update"] : update.flatMap { ["--update", $0] })
  }
}

extension Timestamp: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension Setting: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}
