import Files
import Glibc
import Inspection
import Model
import Processes
import Runner
import Testing
import Trees

/// `particle diff` of two stores.
@Suite struct StoreDifferenceTests {
  /// A system whose second stage makes something else each time, with one that follows from it.
  private var draft: Draft {
    var draft = Draft()
    draft.pipeline("os", [inTree("write /a x"), inTree("random /seed"), inTree("write /c x")])
    draft.export("seed", from: "os", "/seed")
    return draft
  }

  @Test func `names the stages where a difference begins, with their files`() throws {
    try Scene.with { scene in
      var other = scene
      other.folder += "/other"
      try Files.makeDirectories(other.folder)
      #expect(symlink("../stages", other.folder + "/stages") == 0)
      #expect(try scene.run(draft).ending.isSuccess)
      #expect(try other.run(draft).ending.isSuccess)
      let (old, new) = (Store(root: scene.store), Store(root: other.store))
      let difference = try StoreDifference(from: old, to: new)
      // What came after has another key, as it had other inputs.
      #expect(difference.shared == 2)
      #expect(difference.onlyOld == 1 && difference.onlyNew == 1)
      try #require(difference.findings.count == 1)
      #expect(difference.findings[0].stage == "trial-in")
      #expect(difference.findings[0].files.map(\.difference.path) == ["seed"])
      let lines = difference.text.split(separator: "\n").map(String.init)
      #expect(lines[0] == "trial-in (action \(difference.findings[0].key.hex.prefix(12)))")
      #expect(lines[1] == "  /seed: content")
      #expect(
        lines.last == "of 2 actions in both stores, 1 gave different results;"
          + " 1 are only in the first store, 1 only in the second")
      #expect(try diff(scene.store, other.store).ending == .exit(1))
      let json = try diff(scene.store, other.store, "--json")
      #expect(json.ending == .exit(1) && json.text == difference.node.prettyText)
    }
  }

  @Test func `a store does not differ from itself, and only a store is compared with one`() throws {
    try Scene.with { scene in
      #expect(try scene.run(draft).ending.isSuccess)
      let same = try diff(scene.store, scene.store)
      #expect(same.ending == .exit(0), "\(same.errorText)")
      #expect(same.text.hasPrefix("of 3 actions in both stores, 0 gave different results;"))
      let mixed = try diff(scene.store, scene.output)
      #expect(mixed.ending == .exit(2))
      #expect(mixed.errorText.contains("is a store and"), "\(mixed.errorText)")
      let missing = try diff(scene.store, "/nonexistent")
      #expect(missing.ending == .exit(2))
      #expect(missing.errorText == "error: cannot read /nonexistent: No such file or directory\n")
    }
  }

  private func diff(_ words: String...) throws -> Command.Outcome {
    try Command([Scene.programs + "/particle", "diff"] + words).run()
  }
}
