import Compiler
import Files
import Hashing
import Model
import Processes
import TestSupport
import Testing

@Suite struct DifferenceTests {
  private func manifest(_ name: String, _ change: (inout Lock) -> Void = { _ in }) throws
    -> Manifest
  {
    let document = try Recipe.read("\(root)/Tests/CompilerTests/Golden/diff/\(name).yml")
    var lock = LoweringTests.lock(document.contents, kernel: false, tools: false)
    change(&lock)
    return lower(
      document.recipe, digest: SHA256.digest(document.bytes), with: lock, for: .amd64)
  }

  private func difference() throws -> ManifestDifference {
    let new = try manifest("new") { lock in
      lock.system.packages.removeAll { $0.name == "zstd" || $0.name == "bash" }
      lock.system.packages += [
        LoweringTests.package("bash", version: "1.0-2"), LoweringTests.package("openssh-server"),
      ]
      lock.resolvers["apt"] = "3.0.4"
    }
    return ManifestDifference(from: try manifest("old"), to: new)
  }

  @Test func `reads like a changelog`() throws {
    try expectGolden(try difference().text, "Tests/CompilerTests/Golden/diff/changes.txt")
  }

  @Test func `says the same in Markdown`() throws {
    try expectGolden(try difference().markdown, "Tests/CompilerTests/Golden/diff/changes.md")
  }

  @Test func `says the same to programs`() throws {
    try expectGolden(
      try difference().node.prettyText, "Tests/CompilerTests/Golden/diff/changes.json")
  }

  @Test func `a further stage of packages adds only what is new in it`() throws {
    let old = try manifest("old")
    var new = old
    let place = try #require(new.pipelines.firstIndex { $0.name == "os" })
    let stage = try #require(new.pipelines[place].stages.first { $0.type == "debian.packages" })
    guard case .list(let installed)? = stage.options["installed"]?.value else {
      throw Failure("read", "the stage's options", cause: "no packages are in it")
    }
    let more = Node.object([
      ("architecture", .string("amd64")), ("package", .string("brand-new")),
      ("version", .string("1.0")),
    ])
    var further = stage
    further.options = .object([("installed", .list(installed + [more]))])
    new.pipelines[place].stages.append(further)
    let changes = ManifestDifference(from: old, to: new).packages
    #expect(changes.map(\.name) == ["brand-new"] && changes.map(\.kind) == [.added])
  }

  @Test func `a manifest does not differ from itself`() throws {
    let difference = ManifestDifference(from: try manifest("old"), to: try manifest("old"))
    #expect(difference.isEmpty && difference.text.isEmpty)
    #expect(difference.markdown == "No differences.\n")
  }

  @Test func `secrets are told to have changed, and not shown`() throws {
    func manifest(_ letter: String, _ more: String = "") throws -> Manifest {
      let hash = "$6$salt$" + String(repeating: letter, count: 86)
      let recipe = """
        version: 1
        name: secrets
        base: {debian: trixie}
        modules:
          - type: users
            users: [{name: ada, password-hash: "\(hash)"}\(more.replacing("HASH", with: hash))]
          - type: files
            files:
              - {destination: /etc/key, mode: "0640", content: "private \(letter)"}
              - {destination: /etc/note, mode: "0644", content: "public \(letter)"}
        """
      return try withTemporaryDirectory { folder in
        try Files.write(Array(recipe.utf8), to: folder + "/secrets.yml")
        let document = try Recipe.read(folder + "/secrets.yml")
        let lock = LoweringTests.lock(document.contents, kernel: false, tools: false)
        return lower(
          document.recipe, digest: SHA256.digest(document.bytes), with: lock, for: .amd64)
      }
    }
    let more = ", {name: bob, password-hash: \"HASH\"}"
    let difference = ManifestDifference(from: try manifest("x"), to: try manifest("y", more))
    for text in [difference.text, difference.markdown, difference.node.prettyText] {
      #expect(text.contains("public y"), "\(text)")
      #expect(text.contains("users[ada].password-hash") && text.contains("***"), "\(text)")
      #expect(!text.contains("private x") && !text.contains("private y"), "\(text)")
      #expect(!text.contains("xxxx") && !text.contains("yyyy"), "\(text)")
    }
    let gone = ManifestDifference(from: try manifest("x", more), to: try manifest("x"))
    #expect(gone.text.contains("users[bob]: removed") && !gone.text.contains("xxxx"))
  }

  @Test func `another mirror is told, and that no result changes`() throws {
    let old = try manifest("old")
    let new = try manifest("old") { lock in
      for index in lock.system.packages.indices {
        let package = lock.system.packages[index]
        lock.system.packages[index].source = .download(
          Source.Download(name: package.file, size: package.size, urls: ["https://other.example"]))
      }
    }
    let text = ManifestDifference(from: old, to: new).text
    #expect(text == "addresses or names of 4 sources: changed\n")
  }

  @Test func `another epoch is the first cause of all`() throws {
    let new = try manifest("old") { $0.released = Timestamp(seconds: 1_800_000_000) }
    let stages = ManifestDifference(from: try manifest("old"), to: new).stages
    #expect(stages.map(\.cause) == Array(repeating: "the epoch changed", count: stages.count))
    #expect(stages.map(\.pipeline) == ["os", "system", "tar"])
  }

  @Test(arguments: [
    ("1.0-1", "1.0-2"), ("1.9", "1.10"), ("1.0~rc1", "1.0"), ("9.9", "1:0.1"), ("1.0", "1.0-1"),
    ("1.0-1", "1.0-1+b1"), ("1.0+dfsg-1", "1.0+dfsg1-1"), ("1.0a", "1.0+"), ("1.0~~", "1.0~"),
    ("007", "8"), ("2.41-12", "2.41-12+deb13u1"),
  ])
  func `orders versions as dpkg does`(_ older: String, _ newer: String) throws {
    #expect(DebianVersion(older) < DebianVersion(newer))
    #expect(!(DebianVersion(newer) < DebianVersion(older)))
    let verdict = try Command(["dpkg", "--compare-versions", older, "lt", newer]).run()
    #expect(verdict.ending.isSuccess)
  }
}
