import Compiler
import Files
import Model
import Processes
import StageContracts
import TestSupport
import Testing

/// What a packages module can say, with real apt and archives of the test's own.
@Suite(.serialized) struct PackagesTests {
  private func withArchive(_ body: (ArchiveFixture) throws -> Void) throws {
    try withTemporaryDirectory { try body(try ArchiveFixture(in: $0)) }
  }

  private func compiled(_ archive: ArchiveFixture, _ path: String) throws -> Manifest {
    try compile(path, ResolveSettings(cache: archive.cache))
  }

  private func stage(_ manifest: Manifest) throws -> DebianPackages {
    let stage = try #require(
      manifest.pipelines[0].stages.first { $0.type == DebianPackages.name })
    var problems = Problems()
    return try #require(DebianPackages.schema.decode(stage.options, &problems))
  }

  private func versions(_ archive: ArchiveFixture, _ install: String, module: String = "") throws
    -> [String]
  {
    try versions(archive, recipe: archive.recipe(install, module: module))
  }

  private func refusals(_ archive: ArchiveFixture, _ install: String, module: String = "") throws
    -> [String]
  {
    refusals(archive, recipe: try archive.recipe(install, module: module))
  }

  private func versions(_ archive: ArchiveFixture, recipe: String) throws -> [String] {
    try stage(try compiled(archive, recipe)).installed.map { "\($0.package) \($0.version)" }
      .filter { !$0.hasPrefix("apt ") && !$0.hasPrefix("base-") && !$0.hasPrefix("libc6 ") }
  }

  private func refusals(_ archive: ArchiveFixture, recipe: String) -> [String] {
    let error = #expect(throws: CompileError.self) { try compiled(archive, recipe) }
    guard case .resolving(let refusal) = error else { return ["\(String(describing: error))"] }
    return refusal.diagnostics.map {
      ($0.mark.map { "\($0.line):\($0.column): " } ?? "") + $0.problem + " → "
        + ($0.remedy ?? "")
    }
  }

  @Test func `what is removed is not recommended in, and keeps out what needs it`() throws {
    try withArchive { archive in
      let found1 = try versions(archive, "hello", module: "recommends: true")
      #expect(
        found1 == [
          "greeting 1:2.0-1+b1", "hello 1.0-1", "hello-doc 1.0-1",
        ])
      let found2 = try versions(archive, "hello", module: "recommends: true\nremove: [hello-doc]")
      #expect(
        found2
          == ["greeting 1:2.0-1+b1", "hello 1.0-1"])
      let told3 = try refusals(archive, "hello", module: "remove: [greeting]")
      #expect(
        told3 == [
          "10:15: the package 'hello' cannot be installed: it depends on 'greeting (>= 1.0)', but"
            + " it is not going to be installed → the recipe removes 'greeting' on line 11: keep"
            + " it, or remove 'hello' too"
        ])
      let told4 = try refusals(archive, "hello", module: "remove: [greting]")
      #expect(
        told4 == [
          "11:14: cannot find the package 'greting' in trixie → did you mean 'greeting'?"
        ])
    }
  }

  @Test func `versions, suites and pins choose among archives`() throws {
    try withArchive { archive in
      try archive.publish(ArchiveFixture.later, suite: "trixie-backports")
      let base = "components: [main]"
      func suites(_ recipe: String) throws -> String {
        let text = try Files.readText(recipe)
          .replacing("suites: [trixie]", with: "suites: [trixie, trixie-backports]")
        try Files.write(Array(text.utf8), to: recipe)
        return recipe
      }
      func chosen(_ install: String, _ module: String = "") throws -> [String] {
        let recipe = try suites(archive.recipe(install, base: base, module: module))
        return try versions(archive, recipe: recipe)
      }
      let found5 = try chosen("extra=1.0-1")
      #expect(
        found5 == ["extra 1.0-1"])
      let found6 = try chosen("extra/trixie-backports")
      #expect(
        found6 == ["extra 1.5-1"])
      let found7 = try chosen("extra", "pins: [{packages: [extra], version: 1.0*, priority: 990}]")
      #expect(
        found7
          == ["extra 1.0-1"])
      let found8 = try chosen(
        "extra", "pins: [{packages: ['ext*'], suite: trixie-backports, priority: 990}]")
      #expect(
        found8
          == ["extra 1.5-1"])
      let found9 = try chosen(
        "extra", "pins: [{packages: ['*'], suite: trixie-backports, priority: -1}]")
      #expect(
        found9
          == ["extra 1.0-1"])
      let empty = "pins: [{packages: [extar], suite: trixie-backport, priority: 990}]"
      let told = try refusals(
        archive, recipe: suites(archive.recipe("extra", base: base, module: empty)))
      #expect(
        told == [
          "12:24: no repository has the pinned package 'extar' → did you mean 'extra'?",
          "12:24: no repository has the pinned suite 'trixie-backport' → did you mean"
            + " 'trixie-backports'?",
        ])
    }
  }

  @Test func `a further repository is taken from when its key is the one`() throws {
    try withArchive { archive in
      let own = [("special", "3.0", "Depends: hello")]
      try archive.publish(own, in: "further", suite: "stable", signer: "other")
      let url = "file:\(archive.folder)/further"
      func module(_ key: String) -> String {
        "repositories:\n  - url: \"\(url)\"\n    suites: [stable]\n    \(key)"
      }
      let expected = ["greeting 1:2.0-1+b1", "hello 1.0-1", "special 3.0"]
      #expect(try versions(archive, "special", module: module("key: other.asc")) == expected)
      #expect(try versions(archive, "special", module: module("key: other.gpg")) == expected)
      let armoured = try Files.readText("\(archive.folder)/other.asc")
      let inline = "key: |\n      " + armoured.replacing("\n", with: "\n      ")
      #expect(try versions(archive, "special", module: module(inline)) == expected)
      let refused = try refusals(archive, "special", module: module("key: archive.asc"))
      #expect(refused.count == 1)
      #expect(
        refused[0].hasPrefix(
          "12:9: the repository \(url) is not signed with the key in the recipe: "
        ))
      let recipe = try archive.recipe("special", module: module("key: other.asc"))
      let question = try compiled(archive, recipe).lock?.pipelines["os"]?
        .question
      #expect(question?.repositories.first?.hasPrefix("\(url) stable main signed by ") == true)

      try Files.removeTree("\(archive.folder)/further/dists/stable/InRelease")
      #expect(try refusals(archive, "special", module: module("key: other.asc")).count == 1)
      #expect(try versions(archive, "special", module: module("allow-unsigned: true")) == expected)
      try Files.removeTree("\(archive.folder)/further")
      #expect(
        try refusals(archive, "special", module: module("key: other.asc")).first?
          .hasPrefix("12:9: cannot fetch package lists from the repository \(url): ")
          == true)
    }
  }

  @Test func `package files are installed with what they need, small ones in the manifest`() throws
  {
    try withArchive { archive in
      let small = try archive.package("mine", fields: "Depends: hello")
      _ = try archive.package("large", version: "2:1.0~rc1", size: 2 << 20)
      let recipe = try archive.recipe(
        "apt", module: "files: [packages/mine.deb, packages/large.deb]")
      let manifest = try compiled(archive, recipe)
      let stage = try stage(manifest)
      #expect(
        stage.installed.map { "\($0.package) \($0.version)" } == [
          "apt 1.0-1", "base-files 1.0-1", "greeting 1:2.0-1+b1", "hello 1.0-1",
          "large 2:1.0~rc1", "libc6 1.0-1", "mine 1.0",
        ])
      #expect(!stage.automatic.contains("mine") && stage.automatic.contains("hello"))
      let sources = Dictionary(uniqueKeysWithValues: manifest.sources.values.map { ($0.name, $0) })
      guard case .inline = sources["mine_1.0_all.deb"] else {
        Issue.record("not inline: \(sources.keys.sorted())")
        return
      }
      guard case .download(let large) = sources["large_2%3a1.0~rc1_all.deb"] else {
        Issue.record("no download: \(sources.keys.sorted())")
        return
      }
      #expect(large.urls.map { $0.hasSuffix("/packages/large.deb") } == [true])
      #expect(large.urls[0].hasPrefix("file:///"))
      let kept = try compile(recipe, ResolveSettings(cache: archive.cache, lock: manifest))
      #expect(kept == manifest)

      // Another file of the same name is another package, and the lock knows it.
      try Files.removeTree(small)
      _ = try archive.package("mine", version: "1.1")
      let error = #expect(throws: CompileError.self) {
        try compile(recipe, ResolveSettings(cache: archive.cache, lock: manifest))
      }
      guard case .resolving(let refusal) = error else { return }
      #expect(
        refusal.diagnostics.map(\.problem) == [
          "the lock is stale: the recipe's package files changed"
        ])
      let updated = try compile(
        recipe,
        ResolveSettings(cache: archive.cache, lock: manifest, update: .packages(["mine"])))
      #expect(try self.stage(updated).installed.contains { $0.version == "1.1" })
    }
  }

  @Test(arguments: [
    ("firefox", "Debian has it as 'firefox-esr'"),
    (
      "docker-ce",
      "Debian has Docker as 'docker.io'; for Docker's own packages, add its repository to 'repositories'"
    ),
    ("linux-generic", "write the kernel as a module: '- type: kernel'"),
  ])
  func `a package that has another name elsewhere is told with Debian's`(
    name: String, remedy: String
  ) throws {
    try withArchive { archive in
      let told = try refusals(archive, name)
      #expect(told == ["10:15: cannot find the package '\(name)' in trixie → \(remedy)"])
    }
  }

  @Test func `what others need cannot be removed`() throws {
    try withArchive { archive in
      _ = try archive.package("mine", fields: "Depends: hello")
      let told = try refusals(
        archive, "apt", module: "files: [packages/mine.deb]\nremove: [hello]")
      #expect(told.count == 1 && told[0].contains("hello"), "\(told)")
    }
  }

  /// A package with this control file, whatever it has.
  private func package(_ control: String, in folder: String) throws {
    try Files.makeDirectories("\(folder)/packages/mine/DEBIAN")
    try Files.write(Array(control.utf8), to: "\(folder)/packages/mine/DEBIAN/control")
    _ = try Command([
      "dpkg-deb", "-Znone", "--nocheck", "--build", "\(folder)/packages/mine",
      "\(folder)/packages/mine.deb",
    ]).runChecked()
  }

  @Test(arguments: [
    ("Package: a/b\nVersion: 1\nArchitecture: all\n", "its field 'Package' is not valid: 'a/b'"),
    (
      "Package: a\n b\nVersion: 1\nArchitecture: all\n",
      #"its field 'Package' is not valid: 'a\nb'"#
    ),
    ("Version: 1\nArchitecture: all\n", "its control file has no field 'Package'"),
    ("Package: a\nArchitecture: all\n", "its control file has no field 'Version'"),
    ("Package: a\nVersion: 1\n", "its control file has no field 'Architecture'"),
    (
      "Package: a\nVersion: 1/../2\nArchitecture: all\n",
      "its field 'Version' is not valid: '1/../2'"
    ),
    ("Package: a\nVersion: 1 2\nArchitecture: all\n", "its field 'Version' is not valid: '1 2'"),
    ("Package: a\nVersion: 1\nArchitecture: arm64\n", "it is for arm64, and the system for amd64"),
    (
      "Package: a\nVersion: 1\nArchitecture: all\n\nPackage: b\n",
      "its control file has 2 paragraphs, and must have one"
    ),
    ("\n", "its control file has 0 paragraphs, and must have one"),
    (
      "Package: a\nPackage: b\nVersion: 1\nArchitecture: all\n",
      "its control file has the field 'Package' twice"
    ),
    ("Package: a\nVersion: 1:\nArchitecture: all\n", "its field 'Version' is not valid: '1:'"),
    ("Package: a\nVersion: 1-\nArchitecture: all\n", "its field 'Version' is not valid: '1-'"),
    (
      "Package: a\nVersion: 1.0:2:3\nArchitecture: all\n",
      "its field 'Version' is not valid: '1.0:2:3'"
    ),
    (
      "Package: a\nVersion: 1\nArchitecture: all\nX: " + String(repeating: "a", count: 2 << 20)
        + "\n", "its control file is larger than 1MiB"
    ),
    (
      "Package: \(String(repeating: "a", count: 300))\nVersion: 1\nArchitecture: all\n",
      "its name and version are too long for a file name"
    ),
    (
      "Package: a\nVersion: 1\nArchitecture: all\nX: " + String(repeating: "a", count: 17 << 20)
        + "\n", "'control.tar' is larger than 16MiB, the limit"
    ),
  ])
  func `a package file whose fields are wrong is refused at its place`(
    control: String, cause: String
  ) throws {
    try withArchive { archive in
      try package(control, in: archive.folder)
      let told = try refusals(archive, "apt", module: "files: [packages/mine.deb]")
      #expect(told.count == 1)
      #expect(told[0].contains("packages/mine.deb: \(cause)"), "\(told)")
    }
  }

  @Test func `a package file is read as far as apt reads it`() throws {
    try withArchive { archive in
      let path = try archive.package("mine")
      func told(_ bytes: [UInt8]) throws -> [String] {
        try Files.write(bytes, to: path)
        return try refusals(archive, "apt", module: "files: [packages/mine.deb]")
      }
      let whole = try Files.read(path)
      let second = try told(
        whole + Array("control.tar.gz  0           0     0     100644  0         `\n".utf8))
      #expect(
        second.count == 1
          && second[0].contains("mine.deb: it has a second control.tar: control.tar.gz"),
        "\(second)")
      let cut = try told(whole.dropLast(100))
      #expect(cut.count == 1 && cut[0].contains("mine.deb: it is truncated"), "\(cut)")
    }
  }

  @Test func `what apt cannot read of a package file is said of that file`() throws {
    try withArchive { archive in
      try package(
        "Package: mine\nVersion: 1\nArchitecture: all\nDepends: hello (>> \n", in: archive.folder)
      let told = try refusals(archive, "apt", module: "files: [packages/mine.deb]")
      #expect(
        told.count == 1 && told[0].contains("cannot read") && told[0].contains("mine.deb"),
        "\(told)")
      #expect(told.first?.contains("dpkg-deb --info shows them") == true, "\(told)")
    }
  }

  @Test func `a package file that needs what there is not is refused`() throws {
    try withArchive { archive in
      _ = try archive.package("mine", fields: "Depends: hello (>= 9)")
      let told10 = try refusals(archive, "apt", module: "files: [packages/mine.deb]")
      #expect(
        told10 == [
          "the package 'mine' cannot be installed: it depends on 'hello (>= 9)', but it is not"
            + " going to be installed → trixie has 1.0-1 of 'hello'; remove what conflicts with"
            + " it, or add the suite that has another version"
        ])
    }
  }

  @Test func `answers and holds reach the stage, and what is not installed cannot be held`() throws
  {
    try withArchive { archive in
      let stage = try stage(
        try compiled(
          archive,
          try archive.recipe(
            "hello", module: "hold: [libc6]\ndebconf: [\"hello hello/tone select loud\"]")))
      #expect(stage.held == ["libc6"])
      #expect(stage.answers == ["hello hello/tone select loud"])
      let told11 = try refusals(archive, "apt", module: "hold: [greeting]")
      #expect(
        told11 == [
          "11:12: cannot hold the package 'greeting': it is not installed → add it to"
            + " 'install'"
        ])
    }
  }
}
