import Files
import Glibc
import Model
import Processes
import Testing

/// Whole trees as exports.
@Suite struct FolderExportTests {
  /// A tree of two layers, the upper of which hides, replaces and adds.
  private func draft() -> Draft {
    var draft = Draft()
    draft.pipeline(
      "os",
      [
        inTree(
          "write /keep one", "write /gone/file x", "write /folder/file x", "write /a same",
          "name /b /a", "write /replaced below", "link /link keep"),
        inTree(
          "remove /gone", "remove /folder", "write /folder new", "write /replaced above",
          "mode /keep 4750", "folder /new"),
      ])
    draft.export("tree", from: "os", "/")
    return draft
  }

  /// With the folders that every tree has from its first stage on.
  private static let names = [
    "a", "b", "dev", "folder", "keep", "link", "new", "proc", "replaced", "run", "tmp",
  ]

  @Test func `a tree is placed as its layers show it, with a listing that has its sum`() throws {
    try Scene.with { scene in
      let outcome = try scene.run(draft())
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      let tree = scene.output + "/tree"
      #expect(try Files.names(in: tree) == Self.names)
      #expect(try scene.text("tree/replaced") == "above")
      #expect(try scene.text("tree/folder") == "new")
      let keep = try Files.information(tree + "/keep")
      #expect(keep.st_mode & 0o7777 == 0o4750)
      #expect(keep.st_mtim.tv_sec == 1_700_000_000)
      let names = try ["a", "b"].map { try Files.information("\(tree)/\($0)") }
      #expect(names[0].st_ino == names[1].st_ino && names[0].st_nlink == 2)
      #expect(try Files.linkTarget(tree + "/link") == "keep")
      let lines = try scene.text("tree.listing").split(separator: "\n")
      #expect(lines.first == "particle listing 1")
      #expect(lines.contains("h a b"))
      #expect(!lines.contains { $0.hasPrefix("w ") })
      let check = try Command([
        "env", "-C", scene.output, "sha256sum", "--check", "--strict", "SHA256SUMS",
      ]).runChecked()
      #expect(check.text == "tree.listing: OK\n")
      #expect(try scene.text("SHA256SUMS").hasSuffix("  tree.listing\n"))
    }
  }

  @Test func `a tree that is there stays, and one that was changed is placed anew when forced`()
    throws
  {
    try Scene.with { scene in
      #expect(try scene.run(draft()).ending == .exit(0))
      let tree = scene.output + "/tree"
      let first = try Files.information(tree)
      #expect(try scene.run(draft()).ending == .exit(0))
      #expect(try Files.information(tree).st_ino == first.st_ino)
      for change in ["echo x >keep", "touch extra", "rm a", "ln -sfn a link", "chmod 700 new"] {
        _ = try Command(["sh", "-c", "cd '\(tree)' && \(change)"]).runChecked()
        #expect(try scene.run(draft()).ending == .exit(2))
        #expect(try scene.run(draft(), ["--force"]).ending == .exit(0))
        #expect(try scene.text("tree/keep") == "one", "\(change)")
        #expect(try Files.names(in: tree) == Self.names, "\(change)")
        #expect(try Files.linkTarget(tree + "/link") == "keep", "\(change)")
        #expect(try Files.information(tree + "/new").st_mode & 0o7777 == 0o755, "\(change)")
      }
      // Nothing of the way there is left behind.
      #expect(try Files.names(in: scene.output) == ["SHA256SUMS", "tree", "tree.listing"])
    }
  }
}
