import Compiler
import Files
import Glibc
import Model
import TestSupport
import Testing

/// A recipe reads what belongs to its project, and nothing else of the machine.
@Suite struct ProjectTests {
  /// A secret, and beside it a project with a recipe in a folder of its own.
  private struct Scene {
    var folder: String
    var project: String { folder + "/project" }
    var recipe: String { project + "/recipes/r.yml" }

    func write(_ text: String, to path: String) throws {
      let parts = path.split(separator: "/").dropLast()
      try Files.makeDirectories("\(folder)/" + parts.joined(separator: "/"))
      try Files.write(Array(text.utf8), to: "\(folder)/\(path)")
    }

    /// Reads a recipe with these modules.
    @discardableResult func read(_ modules: String, allowing allowed: [String] = []) throws
      -> Recipe.Document
    {
      try write(
        "version: 1\nname: r\nbase: {debian: trixie}\nmodules:\n\(modules)\n",
        to: "project/recipes/r.yml")
      return try Recipe.read(recipe, allowing: allowed)
    }

    /// What is told when it is refused.
    func refusal(_ modules: String, allowing allowed: [String] = []) -> String {
      do {
        try read(modules, allowing: allowed)
        return ""
      } catch {
        let diagnostics = (error as? Refusal)?.diagnostics ?? []
        return Report(colour: false).text(diagnostics) { try? Files.readText($0) }
          .replacing(folder, with: "")
      }
    }
  }

  private func with(git: Bool = true, _ body: (Scene) throws -> Void) throws {
    try withTemporaryDirectory { folder in
      let scene = Scene(folder: try #require(try Files.realPath(folder).text))
      try scene.write("secret\n", to: "secret/shadow")
      try scene.write("hello\n", to: "project/files/motd")
      try scene.write("hello\n", to: "project/recipes/motd")
      if git { try Files.makeDirectories(scene.project + "/.git") }
      try body(scene)
    }
  }

  private func file(_ source: String) -> String {
    "  - {type: files, files: [{source: \(source), destination: /etc/x}]}"
  }

  @Test func `what is beneath the top of the work tree is read`() throws {
    try with { scene in
      let document = try scene.read(file("../files/motd"))
      #expect(document.contents.files.values.first?.first?.bytes == Array("hello\n".utf8))
      try scene.read(file(scene.project + "/files/motd"))
      try scene.read("  - {type: script, file: ../files/motd}")
      // In a work tree that belongs to another, `.git` is a file.
      try Files.removeTree(scene.project + "/.git")
      try scene.write("gitdir: elsewhere\n", to: "project/.git")
      try scene.read(file("../files/motd"))
    }
  }

  @Test func `without git, what is beneath the folder of the recipe is read`() throws {
    try with(git: false) { scene in
      try scene.read(file("motd"))
      #expect(
        scene.refusal(file("../files/motd")) == """
          error: cannot use /project/recipes/../files/motd: it is outside the recipe's project /project/recipes
           --> /project/recipes/r.yml:5:36
            |
          5 |   - {type: files, files: [{source: ../files/motd, destination: /etc/x}]}
            |                                    ^^^^^^^^^^^^^
            = help: move it into the project, or let the recipe read it: --allow /project/files

          """)
    }
  }

  @Test(
    "nothing outside is read, whatever names it",
    arguments: [
      "  - {type: files, files: [{source: PATH, destination: /etc/x}]}",
      "  - {type: files, files: [{source: PATH, destination: /etc/x, template: true}]}",
      "  - {type: script, file: PATH}",
      "  - {from-file: PATH}",
      "  - {type: packages, files: [PATH.deb]}",
      "  - {type: packages, repositories: [{url: \"https://a.example/\", suites: [x], key: PATH}]}",
      "  - {type: certificates, certificates: [{name: x, source: PATH}]}",
    ])
  func outside(module: String) throws {
    try with { scene in
      try scene.write("secret\n", to: "secret/shadow.deb")
      symlink("../../secret/shadow", scene.project + "/files/link")
      symlink("../../secret/shadow.deb", scene.project + "/files/link.deb")
      symlink("../../secret", scene.project + "/files/folder")
      let paths = [
        "../../secret/shadow", scene.folder + "/secret/shadow", "../files/link",
        "../files/folder/shadow", "../../secret/nothing",
      ]
      for path in paths {
        let text = scene.refusal(module.replacing("PATH", with: path))
        #expect(text.contains("it is outside the recipe's project /project"), "\(path): \(text)")
        #expect(text.contains("--allow /secret"), "\(path): \(text)")
        #expect(text.contains(":5:"), "\(path): \(text)")
        #expect(!text.contains("secret\\n") && !text.contains("| secret"), "\(path): \(text)")
      }
    }
  }

  @Test func `a keyring of the base is of the machine or of the project`() throws {
    try with { scene in
      func refusal(_ keyring: String) throws -> String? {
        try scene.write(
          "version: 1\nname: r\nbase: {debian: trixie, keyring: \(keyring)}\n",
          to: "project/recipes/r.yml")
        do { _ = try Recipe.read(scene.recipe) } catch { return error.diagnostics.first?.problem }
        return nil
      }
      let machine = try refusal(DebianBase.debianKeyring)
      let own = try refusal(scene.project + "/files/motd")
      let other = try refusal(scene.folder + "/secret/shadow")
      #expect(machine == nil && own == nil)
      #expect(other?.contains("outside") == true)
    }
  }

  @Test func `a folder that is allowed is read, and nothing beside it`() throws {
    try with { scene in
      try scene.write("more\n", to: "other/more")
      let allowed = [scene.folder + "/secret"]
      try scene.read(file("../../secret/shadow"), allowing: allowed)
      #expect(scene.refusal(file("../../other/more"), allowing: allowed).contains("outside"))
      try scene.write("more\n", to: "secretly/more")
      #expect(scene.refusal(file("../../secretly/more"), allowing: allowed).contains("outside"))
      let nowhere = scene.refusal(file("motd"), allowing: [scene.folder + "/nowhere"])
      #expect(
        nowhere == """
          error: --allow /nowhere: No such file or directory
             = help: name a directory that the recipe may read from

          """)
    }
  }

  @Test func `a recipe that is a link out of its work tree is not read`() throws {
    try with { scene in
      symlink("../../secret/shadow", scene.project + "/recipes/link.yml")
      let refusal = #expect(throws: Refusal.self) {
        try Recipe.read(scene.project + "/recipes/link.yml")
      }
      let text = Report(colour: false).text(refusal?.diagnostics ?? []) { try? Files.readText($0) }
      #expect(text.contains("outside the recipe's project") && !text.contains("| secret"))
      symlink("r.yml", scene.project + "/recipes/near.yml")
      try scene.read(file("motd"))
      _ = try Recipe.read(scene.project + "/recipes/near.yml")
    }
  }

  @Test func `a link within the project is followed`() throws {
    try with { scene in
      symlink("../files", scene.project + "/recipes/linked")
      try scene.read(file("linked/motd"))
      symlink(scene.project + "/files", scene.project + "/recipes/absolute")
      try scene.read(file("absolute/motd"))
    }
  }

  @Test func `what git keeps for itself is no part of the project`() throws {
    try with { scene in
      try scene.write("token\n", to: "project/.git/config")
      let text = scene.refusal(file("../.git/config"))
      #expect(text.contains("'.git' belongs to git and is not part of the project"))
      #expect(scene.refusal(file("..")).contains("'.git' belongs to git and is not part"))
    }
  }

  @Test func `what is no regular file is refused at once`() throws {
    try with { scene in
      mkfifo(scene.project + "/files/pipe", 0o644)
      for module in [
        file("../files/pipe"), file("../files"), "  - {type: script, file: ../files/pipe}",
        "  - {from-file: ../files/pipe}", "  - {from-file: ../files}",
        "  - {type: packages, files: [../files/pipe.deb]}",
      ] {
        mkfifo(scene.project + "/files/pipe.deb", 0o644)
        #expect(scene.refusal(module).contains("it is n"), "\(module)")
      }
      #expect(scene.refusal("  - {from-file: /dev/zero}").contains("outside"))
    }
  }

  @Test func `a name that is not UTF-8 is told`() throws {
    try with { scene in
      let path = Array((scene.project + "/files/").utf8) + [0xff]
      path.withUnsafeBufferPointer { bytes in
        let file = open(bytes.map { CChar(bitPattern: $0) } + [0], O_WRONLY | O_CREAT, 0o644)
        close(file)
      }
      #expect(scene.refusal(file("../files")).contains(#"/files/\xff: its name is not UTF-8"#))
    }
  }

  /// In a folder that all may write to, anybody can make a `.git`.
  @Test(.enabled(if: getuid() == 0)) func `a work tree that another has made up is none`() throws {
    try with { scene in
      chown(scene.recipe, 1000, 1000)
      chown(scene.project + "/.git", 1000, 1000)
      #expect(scene.refusal(file("../files/motd")).contains("project /project/recipes"))
    }
  }

  @Test func `two files whose names differ only in spelling are two`() throws {
    try with { scene in
      try scene.write("one\n", to: "project/files/caf\u{e9}")
      try scene.write("two\n", to: "project/files/cafe\u{301}")
      let document = try scene.read(
        """
          - type: files
            files:
              - {source: "../files/caf\u{e9}", destination: "/etc/caf\u{e9}"}
              - {source: "../files/cafe\u{301}", destination: "/etc/cafe\u{301}"}
        """)
      let texts = document.contents.files.values.flatMap { $0 }.map {
        String(decoding: $0.bytes, as: UTF8.self)
      }
      #expect(texts.sorted() == ["one\n", "two\n"])
    }
  }
}
