import Files
import Glibc
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// The commands that read and write, and build nothing.
  @Suite(.serialized, .besideAnother) struct Commands {
    private let recipe = Places.repository + "/recipes/minimal.yml"
    private let refusals = Places.repository + "/Tests/CompilerTests/Refusals"

    @Test func `validate tells the problems of all files`() throws {
      let right = try particle(["particle", "validate", recipe])
      #expect(right.ending == .exit(0), "\(right.said)")
      #expect(right.output == "\(recipe): minimal is a valid recipe\n")
      let files = ["hostname-long", "locale"].map { "\(refusals)/\($0).yml" }
      let wrong = try particle(["particle", "validate", "--quiet"] + files + [recipe])
      #expect(wrong.ending == .exit(2) && wrong.output.isEmpty)
      for file in files { #expect(wrong.errors.contains("--> \(file):6:")) }
      let json = try particle(["particle", "validate", "--json"] + files)
      #expect(json.ending == .exit(2) && json.errors.isEmpty)
      #expect(json.output.hasPrefix("[") && json.output.contains("'english' is not a valid locale"))
    }

    @Test func `validate tells warnings, and is content`() throws {
      try withTemporaryDirectory { folder in
        let recipe = folder + "/spare.yml"
        let text = "version: 1\nname: spare\nbase: {debian: trixie}\nvariables: {spare: 1}\n"
        try Files.write(Array(text.utf8), to: recipe)
        let seen = try particle(["particle", "validate", recipe])
        #expect(seen.ending == .exit(0) && seen.output == "\(recipe): spare is a valid recipe\n")
        #expect(seen.errors.hasPrefix("warning: nothing uses the variable 'spare'\n --> "))
        let quiet = try particle(["particle", "validate", "--quiet", recipe])
        #expect(quiet.ending == .exit(0) && (quiet.output + quiet.errors).isEmpty, "\(quiet.said)")
        let json = try particle(["particle", "validate", "--json", recipe])
        #expect(json.ending == .exit(0) && json.output.contains(#""severity": "warning""#))
      }
    }

    @Test func `list names what there is`() throws {
      for (what, line) in [
        ("templates", "minimal "), ("modules", "ssh "), ("stages", "users "), ("formats", "qcow2"),
        ("releases", "trixie"), ("architectures", "arm64 "),
      ] {
        let said = try succeeding(["particle", "list", what])
        #expect(said.split(separator: "\n").contains { $0.hasPrefix(line) }, "\(said)")
        #expect(try succeeding(["particle", "list", what, "--json"]).hasPrefix("["))
      }
      #expect(try particle(["particle", "list", "nothing"]).ending == .exit(2))
    }

    @Test func `init writes a recipe that is right, and overwrites nothing`() throws {
      try withTemporaryDirectory { folder in
        let said = try succeeding(["particle", "init", "minimal", "-o", folder])
        #expect(said.contains("\(folder)/files/motd\n"))
        let written = "\(folder)/minimal.yml"
        let first = try Files.readText(written).split(separator: "\n").first
        #expect(first == "# yaml-language-server: $schema=recipe.schema.json")
        #expect(Files.exists("\(folder)/recipe.schema.json"))
        _ = try succeeding(["particle", "validate", written])
        try Files.write(Array("mine\n".utf8), to: written)
        let again = try particle(["particle", "init", "-o", folder])
        #expect(again.ending == .exit(1) && again.errors.contains("there is already"))
        #expect(try Files.readText(written) == "mine\n")
      }
      let unknown = try particle(["particle", "init", "minimla"])
      #expect(unknown.ending == .exit(2) && unknown.errors.contains("did you mean 'minimal'?"))
    }

    @Test func `a manifest goes into a device, and one with hashes of passwords is its owner's`()
      throws
    {
      try withTemporaryDirectory { folder in
        let device = folder + "/null"
        try tool(["mknod", device, "c", "1", "3"], from: "coreutils")
        let before = try Files.information(device)
        _ = try succeeding(["particle-compile", recipe, "-o", device])
        let after = try Files.information(device)
        #expect(after.st_ino == before.st_ino && after.st_mode == before.st_mode)
        _ = try succeeding(["particle-compile", recipe, "--offline", "-o", folder + "/secret.json"])
        #expect(try Files.information(folder + "/secret.json").st_mode & 0o7777 == 0o600)
        let program = try Places.program("particle-compile")
        let shown = try Command([
          "sh", "-c", "umask 022; '\(program)' '\(recipe)' --offline >'\(folder)/open.json'",
        ]).run()
        #expect(shown.ending == .exit(0))
        #expect(shown.errorText.hasPrefix("note: the manifest has hashes of passwords"))
        let full = try Command([
          "sh", "-c", "'\(program)' '\(recipe)' --offline >/dev/full",
        ]).run()
        #expect(full.ending == .exit(1))
        #expect(full.errorText.contains("cannot write standard output: No space left on device"))
      }
    }

    @Test func `what is in the way of an output is told before packages are looked for`() throws {
      try withTemporaryDirectory { folder in
        let wrong = try particle(["particle-compile", recipe, "-o", folder])
        #expect(
          wrong.ending == .exit(2) && wrong.errors.contains("it is a directory"), "\(wrong.said)")
        let missing = try particle(["particle-compile", recipe, "-o", folder + "/a/b.json"])
        #expect(missing.ending == .exit(1) && missing.errors.contains("mkdir -p \(folder)/a"))
        try Files.write(Array("{\"name\": \"my app\"}".utf8), to: folder + "/manifest.json")
        let build = try particle(["particle", "build", recipe, "-o", folder])
        #expect(build.ending == .exit(2), "\(build.said)")
        #expect(build.errors.contains("'\(folder)/manifest.json' is not a manifest of particle-os"))
        #expect(try Files.names(in: folder) == ["manifest.json"])
      }
    }

    @Test func `a cache that others can fill is refused`() throws {
      try withTemporaryDirectory { folder in
        try Files.write([], to: folder + "/planted")
        try tool(["chmod", "777", folder], from: "coreutils")
        let refused = try particle(["particle-compile", recipe, "--cache", folder])
        #expect(refused.ending == .exit(1), "\(refused.said)")
        #expect(refused.errors.contains("every user can write to it"))
        #expect(refused.errors.contains("--cache or PARTICLE_CACHE"))
        #expect(try Files.names(in: folder) == ["planted"])
      }
    }

    @Test func `a result that cannot be written is an error`() throws {
      let program = try Places.program("particle")
      for words in ["list modules", "schema recipe"] {
        for stream in [">/dev/full", ">&-"] {
          let ended = try Command(["sh", "-c", "'\(program)' \(words) \(stream)"]).run()
          #expect(ended.ending == .exit(1), "\(words) \(stream)")
          #expect(ended.errorText.contains("cannot write standard output"), "\(ended.errorText)")
        }
      }
    }

    @Test func `without a mounted /proc the programs say so`() throws {
      for name in ["particle", "particle-compile", "particle-run"] {
        let program = try Places.program(name)
        let said = try Command([
          "unshare", "-m", "sh", "-c", "mount -t tmpfs none /proc && exec '\(program)' --help",
        ]).run()
        #expect(said.ending == .exit(1) && said.errorText.contains("cannot use /proc"), "\(name)")
      }
    }

    @Test func `schema prints what is in the tree`() throws {
      for name in ["recipe", "stages/files"] {
        let known = try Files.readText("\(Places.repository)/schemas/\(name).schema.json")
        #expect(try succeeding(["particle", "schema", name]) == known)
      }
      let unknown = try particle(["particle", "schema", "usrs"])
      #expect(unknown.ending == .exit(2) && unknown.errors.contains("did you mean 'stages/users'?"))
    }

    @Test func `compile and run are the programs of their names`() throws {
      for name in ["compile", "run"] {
        for option in ["--help", "--no-such-option"] {
          let through = try particle(["particle", name, option])
          let direct = try particle(["particle-\(name)", option])
          #expect(through.ending == direct.ending && through.said == direct.said)
        }
      }
    }

    @Test func `make install gives programs that need no toolchain of Swift`() throws {
      // What `make install` copies; making it here would build within a test.
      let programs = ["particle", "particle-compile", "particle-run"]
      let folders = try toolchain()
      for name in programs {
        let path = try Places.program(name)
        let libraries = try tool(["ldd", path], from: "libc-bin")
        #expect(
          !libraries.contains("libswift") && !libraries.contains("Foundation"), "\(libraries)")
        let hidden = folders.flatMap { ["--tmpfs", $0] }
        let words =
          ["bwrap", "--dev-bind", "/", "/"] + hidden + ["--ro-bind", path, "/tmp/program"]
        #expect(try tool(words + ["/tmp/program", "--help"], from: "bubblewrap").contains("USAGE"))
      }
    }

    @Test func `make uninstall removes all that make install wrote`() throws {
      try withTemporaryDirectory { folder in
        let bin = Files.directory(of: try Places.program("particle"))
        func make(_ words: String...) throws {
          try tool(
            [
              "make", "-s", "-C", Places.repository, "-o", "build", "BIN=\(bin)",
              "DESTDIR=\(folder)",
            ]
              + words, from: "make")
        }
        try make("install")
        let installed = folder + "/usr/local"
        let templates = try tool([installed + "/bin/particle", "list", "templates"], from: "")
        #expect(templates.contains("\nweb "), "\(templates)")
        try make("uninstall")
        #expect(try tool(["find", folder, "!", "-type", "d"], from: "findutils") == "")
      }
    }

    /// The folders of the toolchain that built the tests: of the library that they need of it.
    private func toolchain() throws -> Set<String> {
      let own = try tool(["ldd", try Files.linkTarget("/proc/self/exe")], from: "libc-bin")
      let paths = own.split(whereSeparator: \.isWhitespace).filter {
        $0.hasPrefix("/") && $0.hasSuffix("/libswiftCore.so")
      }
      try #require(!paths.isEmpty, "\(own)")
      return Set(paths.map { String($0.dropLast("/libswiftCore.so".count)) })
    }

    @Test func `diff refuses what is no manifest, and what is not of one kind`() throws {
      try withTemporaryDirectory { folder in
        try Files.write(Array("{ not JSON".utf8), to: folder + "/manifest.json")
        let manifest = folder + "/manifest.json"
        let wrong = try particle(["particle", "diff", manifest, manifest])
        #expect(wrong.ending == .exit(2) && wrong.errors.contains("invalid JSON"))
        let mixed = try particle(["particle", "diff", manifest, recipe])
        #expect(mixed.ending == .exit(2) && mixed.errors.contains("is a manifest and"))
      }
    }
  }
}
