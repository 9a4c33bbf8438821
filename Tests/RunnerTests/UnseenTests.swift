import Files
import Model
import Processes
import Testing

/// The trial stage's contract says that it does not see `/etc/secret` and `/secret`.
@Suite struct UnseenTests {
  private func draft(_ secret: String, _ open: String = "1") -> Draft {
    var draft = Draft()
    draft.pipeline(
      "os",
      [
        inTree("write /etc/secret \(secret)", "mode /etc 700", "owner /etc 7"),
        inTree("write /open \(open)", "write /secret \(secret)"),
        inTree("names /etc/names /etc", "names /names /"),
        onTree("write /end x"),
      ])
    draft.export("etc", from: "os", "/etc/names")
    draft.export("root", from: "os", "/names")
    draft.export("secret", from: "os", "/etc/secret")
    return draft
  }

  @Test(arguments: ["memory", "disk"])
  func `what a stage does not see does not run it again`(work: String) throws {
    try Scene.with { scene in
      let place = ["PARTICLE_WORK": work]
      let first = try scene.run(draft("a"), environment: place)
      #expect(first.ending == .exit(0), "\(first.errorText)")
      #expect(try scene.text("etc") == "" && scene.text("root") == "dev etc open proc run tmp")
      // The tree itself has it.
      #expect(try scene.text("secret") == "a")
      #expect(try scene.listings().contains { $0.contains("d 0700 7 7 1700000000 - etc\n") })
      let second = try scene.run(draft("b"), environment: place)
      #expect(second.fates == ["os/0 run", "os/1 run", "os/2 hit", "os/3 hit"])
      #expect(try scene.text("secret") == "b")
      let third = try scene.run(draft("b", "2"), environment: place)
      #expect(third.fates == ["os/0 hit", "os/1 run", "os/2 run", "os/3 run"])
    }
  }

  @Test func `the machine's files do not decide what a stage sees`() throws {
    try Scene.with { scene in
      let host = scene.folder + "/host"
      try Files.makeDirectories(host)
      var draft = Draft()
      draft.pipeline("os", [inTree("link /etc \(host)"), inTree("target /end /etc")])
      draft.export("end", from: "os", "/end")
      #expect(try scene.run(draft).ending == .exit(0))
      #expect(try scene.text("end") == host)
      let results = try scene.results()
      try Files.write([], to: host + "/secret")
      try Files.removeTree(scene.store)
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(try scene.text("end") == host)
      #expect(try scene.results() == results)
    }
  }

  @Test func `the other names of a file that a stage does not see do run it again`() throws {
    try Scene.with { scene in
      func draft(_ secret: String) -> Draft {
        var draft = Draft()
        draft.pipeline(
          "os",
          [
            inTree("write /etc/secret \(secret)", "name /open /etc/secret"),
            inTree("read /end /open"),
          ])
        draft.export("end", from: "os", "/end")
        return draft
      }
      #expect(try scene.run(draft("a")).ending == .exit(0))
      #expect(try scene.text("end") == "a")
      let second = try scene.run(draft("b"))
      #expect(second.fates == ["os/0 run", "os/1 run"])
      #expect(try scene.text("end") == "b")
    }
  }

  @Test func `what a stage does not see it can replace`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("write /secret a"), inTree("write /secret b")])
      draft.export("secret", from: "os", "/secret")
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(try scene.text("secret") == "b")
    }
  }
}
