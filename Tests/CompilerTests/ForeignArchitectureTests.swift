import Compiler
import Files
import Model
import Processes
import StageContracts
import TestSupport
import Testing

/// Packages of an architecture beside the system's own, with real apt and archives of the test's own.
@Suite(.serialized) struct ForeignArchitectureTests {
  private static let declared = "foreign-architectures: [i386]"

  private static let libc = ("libc6", "1.0-1", "Multi-Arch: same")

  private static let own: [ArchiveFixture.Entry] = [
    ("base-files", "1.0-1", "Essential: yes\nDepends: libc6"), libc,
    ("apt", "1.0-1", "Depends: libc6"), ("hello", "1.0-1", "Depends: libc6 (>= 1.0)"),
    ("tool", "1.0-1", "Multi-Arch: foreign\nDepends: libc6"),
    ("client", "1.0-1", "Depends: tool, libc6"), ("plain", "1.0-1", ""), ("only", "1.0-1", ""),
    ("same", "1.0-1", "Multi-Arch: same"),
  ]

  private static let others: [ArchiveFixture.Entry] = [
    ("base-files", "1.0-1", "Essential: yes\nDepends: libc6"), libc,
    ("hello", "1.0-1", "Depends: libc6 (>= 1.0)"),
    ("client", "1.0-1", "Depends: tool, libc6"), ("plain", "1.0-1", ""),
    ("skewed", "1.0-1", "Depends: same (= 2.0)"), ("same", "1.0-1", "Multi-Arch: same"),
  ]

  private static func later(_ entries: [ArchiveFixture.Entry]) -> [ArchiveFixture.Entry] {
    entries.map {
      ["libc6", "hello", "same"].contains($0.name) ? ($0.name, "2.0-1", $0.fields) : $0
    }
  }

  private func publish(
    _ archive: ArchiveFixture, later: Bool = false, in place: String = "debian"
  ) throws {
    func text(_ entries: [ArchiveFixture.Entry], _ architecture: String) -> (String, [UInt8]) {
      let entries = later ? Self.later(entries) : entries
      return (architecture, Array(ArchiveFixture.index(of: entries, for: architecture).utf8))
    }
    try archive.publish(
      in: place, suite: "trixie", day: later ? 20 : 6,
      indexes: [text(Self.own, "amd64"), text(Self.others, "i386")])
  }

  private func withArchive(_ body: (ArchiveFixture) throws -> Void) throws {
    try withTemporaryDirectory {
      let archive = try ArchiveFixture(in: $0)
      try publish(archive)
      try body(archive)
    }
  }

  private func compiled(
    _ archive: ArchiveFixture, _ install: String, module: String = "", base: String = declared,
    lock: Manifest? = nil, update: Update = .none
  ) throws -> Manifest {
    try compile(
      try archive.recipe(install, base: base, module: module), for: "amd64",
      ResolveSettings(cache: archive.cache, lock: lock, update: update))
  }

  private func stage(_ manifest: Manifest) throws -> DebianPackages {
    let stage = try #require(
      manifest.pipelines[0].stages.first { $0.type == DebianPackages.name })
    var problems = Problems()
    return try #require(DebianPackages.schema.decode(stage.options, &problems))
  }

  private func installed(_ manifest: Manifest) throws -> [String] {
    try stage(manifest).installed.map { "\($0.package):\($0.architecture) \($0.version)" }
      .filter { !$0.hasPrefix("apt:") && !$0.hasPrefix("base-files:") }
  }

  @Test func `a foreign package comes beside what is the system's own`() throws {
    try withArchive { archive in
      let manifest = try compiled(archive, "\"hello:i386\"")
      let stage = try stage(manifest)
      let found1 = try installed(manifest)
      #expect(
        found1 == [
          "hello:i386 1.0-1", "libc6:amd64 1.0-1", "libc6:i386 1.0-1",
        ])
      #expect(stage.foreign == ["i386"])
      // Essential packages are there once.
      #expect(stage.extract == ["base-files_1.0-1_amd64.deb", "libc6_1.0-1_amd64.deb"])
      #expect(stage.automatic == ["base-files", "libc6", "libc6:i386"])
      let names = stage.steps.flatMap { step -> [String] in
        guard case .configure(let names) = step else { return [] }
        return names
      }
      #expect(names.sorted() == ["apt", "base-files", "hello:i386", "libc6:amd64", "libc6:i386"])
      let lock = try #require(manifest.lock?.pipelines["os"])
      #expect(lock.question.foreignArchitectures == ["i386"])
      #expect(lock.relations["hello:i386"]?["Depends"] == "libc6 (>= 1.0)")
      #expect(lock.relations["hello"] == nil)
    }
  }

  @Test func `without foreign architectures nothing speaks of them`() throws {
    try withArchive { archive in
      let manifest = try compiled(archive, "hello", base: "")
      let text = Manifest.schema.encode(manifest).prettyText
      #expect(!text.contains("foreign"))
      // Written in full, the system's own architecture means the same.
      let same = try compiled(archive, "\"hello:amd64\"", base: "")
      #expect(same.pipelines == manifest.pipelines && same.lock == manifest.lock)
      let declared = try compiled(archive, "hello")
      let (before, after) = (try installed(manifest), try installed(declared))
      #expect(before == after)
      #expect(declared.pipelines[0].stages[0].id != manifest.pipelines[0].stages[0].id)
    }
  }

  @Test func `what serves every architecture is the system's own`() throws {
    try withArchive { archive in
      let found2 = try installed(compiled(archive, "\"client:i386\""))
      #expect(
        found2 == [
          "client:i386 1.0-1", "libc6:amd64 1.0-1", "libc6:i386 1.0-1", "tool:amd64 1.0-1",
        ])
    }
  }

  @Test func `versions, pins, removal and holds know the architecture`() throws {
    try withArchive { archive in
      let manifest = try compiled(
        archive, "\"hello:i386=1.0-1\", plain",
        module: "remove: [\"plain:i386\"]\nhold: [libc6, \"libc6:i386\", plain]\n"
          + "pins: [{packages: [\"libc6:i386\"], version: 1.0*, priority: 990}]")
      let stage = try stage(manifest)
      #expect(stage.held == ["libc6:amd64", "libc6:i386", "plain"])
      let found3 = try installed(manifest)
      #expect(
        found3 == [
          "hello:i386 1.0-1", "libc6:amd64 1.0-1", "libc6:i386 1.0-1", "plain:amd64 1.0-1",
        ])
      let found4 = refusals {
        try compiled(archive, "\"hello:i386\"", module: "remove: [\"libc6:i386\"]")
      }
      #expect(
        found4 == [
          "11:15: the package 'hello:i386' cannot be installed: it depends on 'libc6:i386 (>= 1.0)',"
            + " but it is not going to be installed → the recipe removes 'libc6:i386' on line 12:"
            + " keep it, or remove 'hello:i386' too"
        ])
      let found5 = refusals { try compiled(archive, "plain", module: "hold: [\"plain:i386\"]") }
      #expect(
        found5 == [
          "12:12: cannot hold the package 'plain:i386': it is not installed → add it to"
            + " 'install'"
        ])
    }
  }

  @Test(arguments: [
    (
      "only:i386", "cannot find the package 'only:i386' in trixie",
      "it exists for amd64: write 'only'"
    ),
    (
      "tool:i386", "cannot find the package 'tool:i386' in trixie",
      "it exists for amd64: write 'tool'"
    ),
    (
      "helo:i386", "cannot find the package 'helo:i386' in trixie", "did you mean 'hello:i386'?"
    ),
    (
      "hello:i386=9", "the package 'hello:i386' has no version '9' in trixie",
      "trixie has 1.0-1; remove it to get the newest"
    ),
    (
      "skewed:i386",
      "the package 'skewed:i386' cannot be installed: it depends on 'same:i386 (= 2.0)', but it is not"
        + " going to be installed",
      "trixie has 1.0-1 of 'same:i386'; remove what conflicts with it, or add the suite that has"
        + " another version"
    ),
  ])
  func `what there is not for an architecture is told at its place`(
    _ name: String, _ problem: String, _ remedy: String
  ) throws {
    try withArchive { archive in
      let found6 = refusals { try compiled(archive, "\"\(name)\"") }
      #expect(found6 == ["11:15: \(problem) → \(remedy)"])
    }
  }

  @Test func `of what cannot be there twice only one is installed`() throws {
    try withArchive { archive in
      let told = refusals { try compiled(archive, "plain, \"plain:i386\"") }
      #expect(
        told == [
          "11:15: the package 'plain' cannot be installed: it conflicts with 'plain:i386', but 1.0-1"
            + " is to be installed → trixie has 1.0-1 of 'plain:i386'; remove what conflicts with"
            + " it, or add the suite that has another version",
          "11:22: the package 'plain:i386' cannot be installed: it conflicts with 'plain', but 1.0-1"
            + " is to be installed → trixie has 1.0-1 of 'plain'; remove what conflicts with it,"
            + " or add the suite that has another version",
        ])
    }
  }

  @Test func `a lock keeps both architectures, and an update moves both`() throws {
    try withArchive { archive in
      let first = try compiled(archive, "\"hello:i386\"")
      try publish(archive, later: true)
      let kept = try compiled(archive, "\"hello:i386\"", lock: first)
      #expect(bytes(kept) == bytes(first))
      let more = try compiled(
        archive, "\"hello:i386\", \"same:i386\"", lock: first, update: .packages(["same:i386"]))
      let found7 = try installed(more)
      #expect(
        found7 == [
          "hello:i386 1.0-1", "libc6:amd64 1.0-1", "libc6:i386 1.0-1", "same:i386 2.0-1",
        ])
      let both = try compiled(archive, "\"hello:i386\"", lock: first, update: .packages(["libc6"]))
      let found8 = try installed(both)
      #expect(
        found8 == [
          "hello:i386 1.0-1", "libc6:amd64 2.0-1", "libc6:i386 2.0-1",
        ])
      let all = try compiled(archive, "\"hello:i386\"", lock: first, update: .all)
      let fresh = try compiled(archive, "\"hello:i386\"")
      #expect(bytes(all) == bytes(fresh))
      let stale = refusals { try compiled(archive, "hello", base: "", lock: first) }
      #expect(
        stale.first
          == "the lock is stale: it was made with the foreign architectures i386, but the recipe"
          + " has none"
          + " → resolve all packages again: --update without names")
      let found9 = refusals {
        try compiled(archive, "\"hello:i386\"", lock: first, update: .packages(["helo:i386"]))
      }
      #expect(
        found9 == [
          "cannot update 'helo:i386': neither the lock nor the recipe has it → did you mean"
            + " 'hello:i386'?"
        ])

      let difference = ManifestDifference(from: first, to: both)
      #expect(
        difference.packages.map { "\($0.name) \($0.old ?? "") \($0.new ?? "")" } == [
          "libc6 1.0-1 2.0-1", "libc6:i386 1.0-1 2.0-1",
        ])
      let plain = ManifestDifference(from: try compiled(archive, "hello", base: ""), to: all)
      let fact = plain.facts.first { $0.name == "foreign architectures" }
      #expect(fact?.old == "none" && fact?.new == "i386")
      #expect(plain.packages.map(\.name) == ["hello", "hello:i386", "libc6:i386"])
    }
  }

  @Test func `a repository that has nothing for the other architecture is taken as it is`() throws {
    try withArchive { archive in
      let index = ArchiveFixture.index(of: [("special", "3.0", "Depends: hello")], for: "amd64")
      try archive.publish(
        in: "further", suite: "stable", signer: "other", indexes: [("amd64", Array(index.utf8))])
      let manifest = try compiled(
        archive, "special, \"libc6:i386\"",
        module: "repositories:\n  - url: \"file:\(archive.folder)/further\"\n"
          + "    suites: [stable]\n    key: other.asc")
      let found10 = try installed(manifest)
      #expect(
        found10 == [
          "hello:amd64 1.0-1", "libc6:amd64 1.0-1", "libc6:i386 1.0-1", "special:amd64 3.0",
        ])
    }
  }

  @Test func `a package file of the other architecture is installed`() throws {
    try withArchive { archive in
      let file = try archive.package("mine", fields: "Depends: libc6", architecture: "i386")
      #expect(file.hasSuffix("/mine.deb"))
      let manifest = try compiled(archive, "apt", module: "files: [packages/mine.deb]")
      let found11 = try installed(manifest)
      #expect(
        found11 == [
          "libc6:amd64 1.0-1", "libc6:i386 1.0-1", "mine:i386 1.0",
        ])
      let automatic = try stage(manifest).automatic
      #expect(!automatic.contains("mine:i386"))
      let again = try compiled(
        archive, "apt", module: "files: [packages/mine.deb]", lock: manifest)
      #expect(bytes(again) == bytes(manifest))
    }
  }
}
