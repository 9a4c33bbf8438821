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

  @Test(arguments: ["pipe", "link", "hole"])
  func `a store from a stranger is not waited for, nor read without end`(kind: String) throws {
    try Scene.with { scene in
      #expect(try scene.run(draft).ending.isSuccess)
      let other = scene.folder + "/other"
      _ = try Command(["cp", "-a", scene.store, other]).runChecked()
      for layer in try Files.names(in: other + "/layers") {
        let listing = "\(other)/layers/\(layer)/listing"
        unlink(listing)
        switch kind {
        case "pipe": #expect(mkfifo(listing, 0o600) == 0)
        case "link": #expect(symlink("/dev/zero", listing) == 0)
        default:
          try FileDescriptor.open(listing, O_WRONLY | O_CREAT).setSize(9 << 30)
        }
      }
      let seen = try diff(scene.store, other)
      #expect(seen.ending == .exit(0), "\(seen.errorText)")
      #expect(seen.text.hasPrefix("of 3 actions in both stores, 0 gave different results;"))
    }
  }

  @Test(arguments: [["particle", "diff"], ["particle", "sbom"], ["particle-run"]])
  func `a huge file, a device or a pipe in place of a manifest is refused at once`(words: [String])
    throws
  {
    try Scene.with { scene in
      let hole = scene.folder + "/hole"
      try Files.makeDirectories(scene.folder)
      let file = try FileDescriptor.open(hole, O_WRONLY | O_CREAT)
      try file.write(Array("{".utf8))
      try file.setSize(9 << 30)
      #expect(mkfifo(scene.folder + "/pipe", 0o600) == 0)
      for (path, cause) in [
        (hole, "it has 9663676416 bytes, but the limit is \(Limits.text)"),
        ("/dev/zero", "it is a device, not a regular file"),
        (scene.folder + "/pipe", "it is a named pipe, not a regular file"),
      ] {
        let operands = words.last == "diff" ? [path, path] : [path]
        let refused = try Command(["\(Scene.programs)/\(words[0])"] + words.dropFirst() + operands)
          .run()
        #expect(refused.ending == .exit(2), "\(path): \(refused.errorText)")
        #expect(refused.errorText.contains(cause), "\(path): \(refused.errorText)")
      }
      // What a shell passes on is read.
      let script =
        "\(Scene.programs)/\(words[0]) \(words.dropFirst().joined(separator: " "))"
        + (words.last == "diff" ? " <(echo '{}') <(echo '{}')" : " <(echo '{}')")
      let piped = try Command(["bash", "-c", script]).run()
      #expect(piped.errorText.contains("/dev/fd/"), "\(piped.errorText)")
    }
  }

  private func diff(_ words: String...) throws -> Command.Outcome {
    try Command([Scene.programs + "/particle", "diff"] + words).run()
  }
}
