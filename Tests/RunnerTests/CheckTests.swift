import Files
import Model
import Processes
import Runner
import Testing

@Suite struct CheckTests {
  /// A system whose second stage is given, and a file made of it.
  private func draft(second: Draft.Step) -> Draft {
    var draft = Draft()
    draft.pipeline("os", [inTree("write /a x"), second, inTree("write /c x")])
    draft.pipeline("image", [onTree("copy /disk tree b", inputs: ["tree": .pipeline("os")])])
    draft.export("disk", from: "image", "/disk")
    return draft
  }

  @Test func `stages that make the same again are told in one line`() throws {
    try Scene.with { scene in
      let outcome = try scene.run(draft(second: inTree("write /b y")), ["--check"])
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      let last = outcome.errorText.split(separator: "\n").last ?? ""
      #expect(last.hasPrefix("check: 4 stages ran again in "))
      #expect(last.hasSuffix(" under other conditions, and every layer is identical"))
      #expect(try Files.names(in: scene.store + "/tmp") == [])
      #expect(try Files.names(in: scene.store + "/runs") == [])
      let again = try scene.run(draft(second: inTree("write /b y")), ["--check"])
      #expect(again.fates.count { $0.hasSuffix("hit") } == 4, "\(again.errorText)")
      #expect(again.fates.count { $0.hasSuffix("run") } == 4, "\(again.errorText)")
    }
  }

  @Test func `a stage that makes something else is named with its files`() throws {
    try Scene.with { scene in
      let outcome = try scene.run(
        draft(second: inTree("write /b y", "random /etc/seed")), ["--check", "-q", "--json"])
      #expect(outcome.ending == .exit(3), "\(outcome.errorText)")
      let lines = outcome.errorText.split(separator: "\n").map(String.init)
      try #require(lines.count == 6, "\(outcome.errorText)")
      #expect(lines[0] == "check: os/1 trial-in differs in 1 file")
      #expect(lines[1] == "  /etc/seed: content" && lines[2] == "    @@ line 2 @@")
      #expect(lines[3].hasPrefix("    -") && lines[4].hasPrefix("    +"))
      #expect(lines[5].hasPrefix("check: 4 stages ran again in "))
      #expect(lines[5].hasSuffix("; not reproducible: 1; affected by those: 0"))
      #expect(outcome.text.contains("\"path\": \"/etc/seed\""))
      #expect(try scene.text("disk") == "y")
    }
  }

  @Test func `what follows from a difference is told as such`() throws {
    try Scene.with { scene in
      let outcome = try scene.run(draft(second: inTree("random /b")), ["--check", "-q"])
      #expect(outcome.ending == .exit(3))
      let text = "check: os/1 trial-in differs in 1 file\n  /b: content\n"
      #expect(outcome.errorText.contains(text))
      #expect(outcome.errorText.contains("check: image/0 trial-on is affected by os/1\n"))
      #expect(!outcome.errorText.contains("os/2"))
    }
  }

  @Test func `a pipeline between a difference and what follows does not hide it`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("random /b")])
      draft.pipeline("system", base: "os", [inTree("write /c x")])
      draft.pipeline("image", [onTree("copy /disk tree b", inputs: ["tree": .pipeline("system")])])
      draft.export("disk", from: "image", "/disk")
      let outcome = try scene.run(draft, ["--check", "-q"])
      #expect(outcome.errorText.contains("check: image/0 trial-on is affected by os/0\n"))
      #expect(!outcome.errorText.contains("system/0"))
    }
  }

  @Test func `the second build has one processor`() throws {
    try Scene.with { scene in
      let outcome = try scene.run(draft(second: inTree("processors /b")), ["--check", "-q"])
      #expect(outcome.ending == .exit(Host.cores > 1 ? 3 : 0), "\(outcome.errorText)")
    }
  }

  @Test func `relative paths and sources serve the second build too`() throws {
    try Scene.with { scene in
      var draft = Draft()
      let source = draft.inline("f", "eA==", of: Array("x".utf8))
      draft.pipeline("os", [inTree("copy /end files f", inputs: ["files": .sources([source])])])
      draft.export("end", from: "os", "/end")
      var command = try scene.command(draft, ["--check"])
      let words = command.arguments.map { word in
        word.hasPrefix(scene.folder + "/") ? String(word.dropFirst(scene.folder.count + 1)) : word
      }
      command.arguments = ["env", "-C", scene.folder] + words
      let outcome = try command.run()
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
    }
  }
}
