import Files
import Glibc
import Model
import Processes
import Testing

/// Builds of a user who is not root.
@Suite struct RootlessTests {
  private let user = OrdinaryUser.id

  /// Runs a build as the user, with these lines in /etc/subuid and /etc/subgid.
  private func run(
    _ draft: Draft, in scene: Scene, ids: String, before: String = "true", _ options: [String] = []
  ) throws -> Command.Outcome {
    try OrdinaryUser.run(scene.command(draft, options), in: scene, ids: ids, before: before)
  }

  /// Runs a command as the user.
  private func play(_ command: Command, in scene: Scene) throws -> Command.Outcome {
    try OrdinaryUser.run(command, in: scene)
  }

  private func draft() -> Draft {
    var draft = Draft()
    draft.pipeline(
      "os",
      [
        inTree("write /a/old x", "write /b/old x", "write /c x", "capability /low x"),
        inTree("remove /a", "write /a/new x", "remove /b", "remove /c", "mode /a/new 4751"),
        inTree("write /etc/secret x", "owner /etc 5"),
        inTree(
          "names /seen-too /etc", "owner /a/new 65534", "owner /a 33", "name /d /a/new",
          "attribute /d user.note abc"),
        inTree("remove /low", "write /end x", "environment /seen"),
      ])
    draft.pipeline(
      "image",
      [
        onTree(
          "copy /end tree a/new", "write /f x", "owner /f 7", inputs: ["tree": .pipeline("os")])
      ])
    draft.export("end", from: "image", "/end")
    draft.export("seen", from: "os", "/seen")
    return draft
  }

  @Test func `a user's layers and outputs are root's`() throws {
    let root = try Scene.with { scene in
      let outcome = try scene.run(draft())
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      return try scene.listings() + [scene.text("SHA256SUMS")]
    }
    try Scene.with { scene in
      let outcome = try run(draft(), in: scene, ids: "ann:300000:65536\n")
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(try scene.listings() + [scene.text("SHA256SUMS")] == root)
      #expect(try scene.listings().contains { $0.contains("security.capability=0100000200040000") })
      for name in try Files.names(in: scene.output) {
        #expect(try Files.information("\(scene.output)/\(name)").st_uid == UInt32(user))
      }
      let again = try run(draft(), in: scene, ids: "ann:300000:65536\n")
      #expect(again.fates.allSatisfy { $0.hasSuffix(" hit") })
      let other = try run(draft(), in: scene, ids: "ann:400000:65536\n")
      #expect(other.ending == .exit(1))
      #expect(
        other.errorText == """
          error: cannot use the store \(scene.store): it belongs to another user, or to the same \
          user with other subordinate ids
            help: choose another directory with --store; every user needs a store of their own

          """)
    }
  }

  @Test func `a user looks after their store`() throws {
    try Scene.with { scene in
      #expect(try run(draft(), in: scene, ids: "ann:300000:65536\n").ending == .exit(0))
      func care(_ word: String...) throws -> Command.Outcome {
        let words = [Scene.programs + "/particle", "store"] + word + ["--store", scene.store]
        return try play(
          Command(words, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]), in: scene)
      }
      let verified = try care("verify")
      #expect(verified.ending == .exit(0), "\(verified.errorText)\(verified.text)")
      #expect(verified.text.hasSuffix(" 0 damaged, 0 removed\n"))
      #expect(try care("info").ending == .exit(0))
      let layer = try #require(
        try Files.names(in: scene.store + "/layers").first {
          // The other one has a whiteout of this name.
          let info = try? Files.information("\(scene.store)/layers/\($0)/tree/low")
          return info.map { $0.st_mode & S_IFMT == S_IFREG } ?? false
        })
      try Files.write(Array("y".utf8), to: "\(scene.store)/layers/\(layer)/tree/low")
      let damaged = try care("verify")
      #expect(damaged.ending == .exit(1) && damaged.text.contains("damaged: layers/\(layer)\n"))
      let collected = try care("gc", "--all")
      #expect(collected.ending == .exit(0), "\(collected.errorText)")
      #expect(collected.text.hasSuffix("the store takes 0 bytes\n"), "\(collected.text)")
      #expect(try Files.names(in: scene.store + "/layers") == [])
    }
  }

  @Test func `a user gets a shell in the tree of a failed stage`() throws {
    try Scene.with { scene in
      var draft = Draft()
      let shell = try FailureTests.shell(&draft)
      draft.pipeline("os", [shell, inTree("write /seen x", "owner /seen 33", "fail now")])
      draft.export("end", from: "os", "/end")
      let outcome = try run(draft, in: scene, ids: "ann:300000:65536\n", ["--keep-failed"])
      let line = outcome.errorText.split(separator: "\n").first { $0.contains("open a shell") }
      let folder = String(try #require(line).split(separator: " ").last ?? "")
      let look = """
        read text </seen; echo "$text"; \
        /run/particle/stage </run/particle/request.json; echo "status $?"
        """
      for _ in 1...2 {
        let shown = try play(
          Command(
            [Scene.programs + "/particle", "shell", folder, "--", "sh", "-c", look],
            environment: [
              "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PARTICLE_STAGES": scene.folder + "/stages",
            ]),
          in: scene)
        #expect(shown.text == "x\nstatus 1\n", "\(outcome.errorText)\(shown.errorText)")
      }
    }
  }

  @Test func `a user's stages reach outside no more than root's`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("attempt /said")])
      draft.export("said", from: "os", "/said")
      let outcome = try run(draft, in: scene, ids: "ann:300000:65536\n")
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      let said = try scene.text("said")
      let lines = said.split(separator: "\n")
      try #require(lines.count > 30 && lines.allSatisfy { !$0.hasSuffix(": done") }, "\(lines)")
      try HostileTests.recordCalls(said, as: "user")
    }
  }

  @Test(arguments: ["trial-in", "trial-on"])
  func `a user's stage has no open file and no word of the user's`(type: String) throws {
    try Scene.with { scene in
      let command = try SightTests.command(type, in: scene)
      let outcome = try SightTests.run(command, in: scene) { try play($0, in: scene) }
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      try SightTests.check(try scene.text("seen"), type, in: scene)
    }
  }

  @Test(arguments: ["share mapped 300", "share file 300", "share system 300", "occupy /tmp/x 300"])
  func `what a user's stage shares is memory, too`(step: String) throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree(step)])
      draft.export("end", from: "os", "/end")
      let outcome = try run(
        draft, in: scene, ids: "ann:300000:65536\n", ["--stage-memory", "100MiB"])
      #expect(
        outcome.errorText.contains(": killed for exceeding its memory limit"),
        "\(outcome.errorText)")
    }
  }

  @Test func `without enough ids nothing starts, and the message gives the command`() throws {
    try Scene.with { scene in
      let outcome = try run(draft(), in: scene, ids: "bob:100000:65536\nann:165536:1000\n")
      #expect(outcome.ending == .exit(1))
      #expect(
        outcome.errorText == """
          error: cannot run stages without root: a tree needs 65535 ids besides the user's own; for \
          'ann' /etc/subuid has 1000, /etc/subgid has 1000
            help: as root: usermod --add-subuids 166536-232071 --add-subgids 166536-232071 ann

          """)
      #expect(try Files.names(in: scene.store) == [])
    }
  }

  @Test(arguments: [("newuidmap", "apt install uidmap"), ("bwrap", "apt install bubblewrap")])
  func `a missing program is told`(program: String, remedy: String) throws {
    try Scene.with { scene in
      // Covered by something that nobody can start.
      let outcome = try run(
        draft(), in: scene, ids: "ann:300000:65536\n",
        before: "mount --bind '\(scene.folder)/ids' /usr/bin/\(program)")
      #expect(outcome.ending == .exit(1))
      #expect(outcome.errorText.hasSuffix("  help: \(remedy)\n"), "\(outcome.errorText)")
    }
  }
}
