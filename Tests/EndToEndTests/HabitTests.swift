import Files
import Glibc
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
      ("particle build --offline --cache none", 1, "particle: building web.yml"),
      ("particle build --stage-memory nonsense", 2, "--stage-memory"),
      ("particle build --update", 2, "--update needs a lock"),
      ("particle build --update hello web.yml", 2, "--update needs a lock"),
      ("particle build --update --lock web.yml web.yml", 2, "web.yml"),
      ("particle build --monitor-fd 77", 2, "no such file descriptor is open"),
      ("particle build --set size", 2, "--set"),
      ("particle vm --set size=1 disk.raw", 2, "--set and --allow are only for a recipe"),
      ("particle schema recipe", 0, "\"$schema\""),
    ]

    @Test func `outputs do not go where a link leads that nobody has named`() throws {
      try withTemporaryDirectory { folder in
        try Files.makeDirectories(folder + "/elsewhere")
        #expect(symlink("elsewhere", folder + "/out") == 0)
        for words in [["particle-run", "none.json"], ["particle", "build", "none.yml"]] {
          let refused = try particle(words, through: ["env", "-C", folder])
          #expect(refused.ending == .exit(2), "\(refused.said)")
          #expect(refused.errors.contains("./out is a symbolic link"), "\(refused.said)")
        }
        #expect(try Files.names(in: folder + "/elsewhere") == [])
        let named = try particle(
          ["particle-run", "none.json", "-o", "out"], through: ["env", "-C", folder])
        #expect(named.errors.contains("cannot read the manifest none.json"), "\(named.said)")
      }
    }

    @Test func `the only recipe is found next to a pipe and a device`() throws {
      try withTemporaryDirectory { folder in
        try Files.write(
          Array("version: 1\nname: web\nbase: {debian: trixie}\n".utf8), to: folder + "/web.yml")
        #expect(mkfifo(folder + "/a.yml", 0o600) == 0)
        #expect(symlink("/dev/zero", folder + "/b.yml") == 0)
        let found = try particle(
          ["particle", "build", "--offline", "--cache", "none"],
          through: ["timeout", "60", "env", "-C", folder])
        #expect(found.errors.contains("particle: building web.yml"), "\(found.said)")
      }
    }

    @Test func `build has the options of compile and run`() throws {
      func options(_ words: String) throws -> Set<Substring> {
        let finished = try particle(words.split(separator: " ").map(String.init) + ["--help"])
        let lines = finished.output.split(separator: "\n").filter { $0.hasPrefix("  -") }
        return Set(
          lines.flatMap { $0.split(whereSeparator: { " ,<>".contains($0) }) }
            .filter { $0.hasPrefix("-") })
      }
      let both = try options("particle-compile").union(options("particle-run"))
      #expect(both.count > 25)
      #expect(try both.subtracting(options("particle build")) == [])
    }

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
