import Compiler
import Files
import Glibc
import Hashing
import Model
import TestSupport
import Testing

/// What files and folders of a recipe come to in the image, and what of them is refused.
@Suite struct FilesTests {
  /// A recipe `r.yml` with these files entries, in a folder of its own.
  private func with(_ entries: String, _ body: (String, String) throws -> Void) throws {
    try withTemporaryDirectory { folder in
      chmod(folder, 0o755)
      let recipe = folder + "/r.yml"
      try write(
        "version: 1\nname: r\nbase: {debian: trixie}\nmodules:\n  - type: files\n    files:\n"
          + entries.split(separator: "\n").map { "      \($0)\n" }.joined(), recipe)
      try body(folder, recipe)
    }
  }

  private func write(_ text: String, _ path: String, mode: mode_t = 0o644) throws {
    let (parent, _) = try #require(path.cut(atLast: "/"))
    try Files.makeDirectories(parent)
    try Files.write(Array(text.utf8), to: path)
    chmod(path, mode)
  }

  private func problem(_ recipe: String) -> String? {
    do { _ = try Recipe.read(recipe) } catch {
      return error.diagnostics.map { "\($0.problem) → \($0.remedy ?? "")" }.joined(separator: "\n")
    }
    return nil
  }

  /// The options of the stages that the recipe's modules come to.
  private func options(_ recipe: String) throws -> [String] {
    let document = try Recipe.read(recipe)
    let manifest = lower(
      document.recipe, digest: SHA256.digest(document.bytes),
      with: LoweringTests.lock(document.contents, kernel: false, tools: false), for: .amd64)
    return manifest.pipelines.flatMap(\.stages).filter { ["files", "normalise"].contains($0.type) }
      .map { String(decoding: $0.options.canonicalBytes, as: UTF8.self) }
  }

  @Test(arguments: [0o600, 0o400, 0o640, 0o700] as [mode_t])
  func `a private file is refused, unless its mode is said`(_ mode: mode_t) throws {
    let entry = "- {source: key, destination: /etc/key"
    for (end, isRefused) in [("}", true), (", mode: \"0600\"}", false)] {
      try with(entry + end) { (folder: String, recipe: String) throws in
        try write("secret", folder + "/key", mode: mode)
        guard isRefused else { return #expect(problem(recipe) == nil) }
        let text = FileMode(bits: mode).description
        let open = mode == 0o700 ? "0755" : "0644"
        #expect(
          problem(recipe)?.replacing(folder, with: "") == """
            '/key' is not readable by others (the file has mode \(text)), but the recipe sets no mode for it → \
            add 'mode: "\(text)"' to keep it private, or 'mode: "\(open)"' if everybody on the machine may read it
            """)
      }
    }
  }

  @Test func `so is one in a folder, unless it has an entry of its own`() throws {
    let whole = "- {source: app, destination: /etc/app}\n"
    try with(whole) { (folder: String, recipe: String) throws in
      try write("x", folder + "/app/conf")
      try write("secret", folder + "/app/key", mode: 0o600)
      #expect(
        problem(recipe)?.contains(
          "add the entry {source: app/key, destination: /etc/app/key, mode: \"0600\"} to keep it private, "
            + "or run 'chmod go+r \(folder)/app/key' if"
        ) == true)
    }
    try with("- {source: app/key, destination: /etc/app/key, mode: \"0600\"}\n" + whole) {
      (folder: String, recipe: String) throws in
      try write("x", folder + "/app/conf")
      try write("secret", folder + "/app/key", mode: 0o600)
      let files = try options(recipe)[0]
      #expect(files.contains(#""destination":"/etc/app/key","group":"root","mode":"0600""#))
      #expect(files.components(of: "/etc/app/key") == 1)
    }
  }

  @Test func `so is what is in a folder that others may not enter`() throws {
    try with("- {source: app, destination: /etc/app}") { (folder: String, recipe: String) throws in
      try write("secret", folder + "/app/keys/key")
      chmod(folder + "/app/keys", 0o700)
      #expect(problem(recipe)?.contains("keys' has mode 0700)") == true)
      #expect(problem(recipe)?.contains(#"mode: "0600"}"#) == true)
      #expect(problem(recipe)?.contains("or run 'chmod go+rx \(folder)/app/keys' if") == true)
    }
    try with("- {source: keys/key, destination: /etc/key}") {
      (folder: String, recipe: String) throws in
      try write("secret", folder + "/keys/key")
      chmod(folder + "/keys", 0o700)
      #expect(problem(recipe)?.contains("has mode 0700)") == true)
    }
  }

  @Test(arguments: [0o077, 0o027, 0o022, 0o002] as [mode_t])
  func `a checkout under another umask comes to the same manifest`(_ mask: mode_t) throws {
    var texts: [[String]] = []
    for mask in [mask, 0o022] {
      try with("- {source: app, destination: /etc/app}\n- {source: x, destination: /etc/x}") {
        (folder: String, recipe: String) throws in
        try write("run", folder + "/app/run", mode: 0o777 & ~mask)
        for path in ["/app/conf", "/app/a/b", "/x"] {
          try write("x", folder + path, mode: 0o666 & ~mask)
        }
        for path in ["/app/a", "/app", ""] { chmod(folder + path, 0o777 & ~mask) }
        chmod(recipe, 0o666 & ~mask)
        texts.append(try options(recipe))
      }
    }
    #expect(texts[0] == texts[1])
    #expect(texts[0][0].contains(#""destination":"/etc/app/run","group":"root","mode":"0755""#))
  }

  @Test func `a folder is laid over the system, with its links and empty folders`() throws {
    try with("- {source: over, destination: /}\n- {source: more, destination: /}") {
      (folder: String, recipe: String) throws in
      try write("motd\n", folder + "/over/etc/motd")
      try write("more\n", folder + "/more/etc/more")
      try Files.makeDirectories(folder + "/over/srv/empty")
      symlink("../usr/bin/vim", folder + "/over/etc/vi")
      link(folder + "/over/etc/motd", folder + "/over/etc/other")
      let files = try options(recipe)[0]
      for part in [
        #""directories":[{"group":"root","keep":true,"mode":"0755","owner":"root","path":"/srv/empty"}]"#,
        #""hard-links":[{"path":"/etc/other","target":"/etc/motd"}]"#,
        #""links":[{"path":"/etc/vi","target":"../usr/bin/vim"}]"#,
        #""destination":"/etc/motd""#, #""destination":"/etc/more""#,
      ] {
        #expect(files.contains(part), "\(part) in \(files)")
      }
      try write("x", folder + "/over/run/x")
      #expect(problem(recipe)?.contains("/over/run' would become") == false)
      #expect(problem(recipe)?.contains("would become /run/x, but /run is not part") == true)
    }
  }

  @Test func `new folders have the owner and the mode of the files`() throws {
    try with("- {source: over, destination: /srv/app, owner: app, mode: \"0640\"}") {
      (folder: String, recipe: String) throws in
      try write("x", folder + "/over/a/x")
      let files = try options(recipe)[0]
      for path in ["/srv/app", "/srv/app/a"] {
        let part =
          #"{"group":"root","keep":true,"mode":"0750","owner":"app","path":"\#(path)"}"#
        #expect(files.contains(part), "\(files)")
      }
    }
  }

  @Test func `files where the build removes others are kept`() throws {
    let entries = [
      "/etc/ssh/ssh_host_ed25519_key", "/var/tmp/keep", "/var/cache/apt/archives/a.deb",
    ]
    try with(
      (entries + ["/etc/other"]).map { "- {destination: \($0), content: x}\n" }.joined()
    ) { (_: String, recipe: String) throws in
      let normalise = try #require(try options(recipe).last)
      #expect(
        normalise == #"{"keep":["/etc/ssh/ssh_host_ed25519_key","#
          + #""/var/cache/apt/archives/a.deb","/var/tmp/keep"]}"#)
    }
  }

  @Test func `names of one's own packages and files are not looked up`() throws {
    let names = """
      modules:
        - {type: timezone, zone: Own/Zone}
      """
    for (further, isKnown) in [
      ("", false),
      (
        "  - {type: files, files: [{destination: /usr/share/zoneinfo/Own/Zone, content: x}]}\n",
        true
      ),
    ] {
      try withTemporaryDirectory { folder in
        try write(
          "version: 1\nname: r\nbase: {debian: trixie}\n\(names)\n\(further)", folder + "/r.yml")
        #expect((problem(folder + "/r.yml") == nil) == isKnown)
      }
    }
  }

  @Test func `pipefail is bash's`() throws {
    try withTemporaryDirectory { folder in
      try write(
        "version: 1\nname: r\nbase: {debian: trixie}\nmodules:\n"
          + "  - {type: script, pipefail: true, run: 'false | sort'}\n", folder + "/r.yml")
      let module = try Recipe.read(folder + "/r.yml").recipe.modules[0].value as? ScriptModule
      #expect(module?.interpreter == ["/bin/bash", "-eu", "-o", "pipefail"])
    }
  }
}

extension String {
  /// How often a text is in it.
  fileprivate func components(of text: String) -> Int { split(separator: text).count - 1 }
}
