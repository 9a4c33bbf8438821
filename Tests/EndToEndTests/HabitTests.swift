import Files
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// What people are used to from other programs works, or says what to write.
  @Suite(.serialized, .besideAnother) struct Habits {
    /// A command line, its exit status, and what it says; in a folder with a recipe, `web.yml`, and a file of modules.
    private static let habits: [(words: String, status: Int32, text: String)] = [
      ("particle --version", 0, "particle 0."), ("particle -V", 0, "particle 0."),
      ("particle version", 0, "particle 0."), ("particle-run --version", 0, "particle-run 0."),
      ("particle-run -V", 0, "particle-run 0."), ("particle-compile -V", 0, "particle-compile 0."),
      ("particle --help", 0, "USAGE: particle"), ("particle -h", 0, "USAGE: particle"),
      ("particle help", 0, "USAGE: particle"), ("particle help build", 0, "USAGE: particle build"),
      ("particle build --help", 0, "--keep-failed"), ("particle run --help", 0, "--stage-memory"),
      ("particle biuld web.yml", 2, "there is no command 'biuld'\n  help: did you mean 'build'?"),
      (
        "particle nope", 2,
        "there is no command 'nope'\n  help: 'particle --help' lists all commands"
      ),
      ("particle help nope", 2, "there is no command 'nope'"),
      ("particle store verfy", 2, "did you mean 'verify'?"),
      ("particle build --outptu x web.yml", 2, "did you mean '--output'?"),
      ("particle build --offlin web.yml", 2, "help: see 'particle build --help'"),
      ("particle-run -j1 none.json", 2, "cannot read the manifest none.json"),
      ("particle-run -j 1 none.json", 2, "cannot read the manifest none.json"),
      ("particle-run --jobs=1 none.json", 2, "cannot read the manifest none.json"),
      ("particle-run -j0 none.json", 2, "-j must be at least 1"),
      ("particle-run", 2, "missing expected argument '<manifest>'"),
      ("particle validate web.yml", 0, "web is a valid recipe"),
      ("particle validate --set size=big web.yml", 2, "size"),
      ("particle validate .", 2, "cannot read '.'"),
      ("particle list", 2, "templates"),
      ("particle init web", 1, "web.yml"),
      ("particle build --stage-memory nonsense --offline", 2, "particle: building web.yml"),
      ("particle schema recipe", 0, "\"$schema\""),
    ]

    @Test(arguments: habits.indices)
    func `a habit works, or says what to write`(index: Int) throws {
      let (words, status, text) = Self.habits[index]
      try withTemporaryDirectory { folder in
        let recipe = "version: 1\nname: web\nbase: {debian: trixie}\n"
        try Files.write(Array(recipe.utf8), to: folder + "/web.yml")
        try Files.write(Array("modules: []\n".utf8), to: folder + "/modules.yml")
        let finished = try particle(
          words.split(separator: " ").map(String.init), through: ["env", "-C", folder])
        #expect(finished.ending == .exit(status), "\(words): \(finished.said)")
        #expect(
          (finished.output + finished.errors).lowercased().contains(text.lowercased()),
          "\(words): \(finished.said)")
        if status != 0 {
          #expect(finished.errors.contains("error: "), "\(words): \(finished.said)")
          #expect(!finished.errors.contains("Usage:"), "\(words): \(finished.said)")
        }
      }
    }
  }
}
