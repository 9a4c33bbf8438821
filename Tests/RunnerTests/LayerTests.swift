import Files
import Glibc
import Model
import Processes
import Testing

@Suite struct LayerTests {
  /// The listings of a build, without its end and what every tree begins with.
  private func changes(_ steps: Draft.Step..., work: String = "memory") throws -> String {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", steps)
      draft.export("end", from: "os", "/end")
      let outcome = try scene.run(draft, environment: ["PARTICLE_WORK": work])
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      let all = try scene.listings().joined(separator: "\n")
      let usual = [".", "dev", "proc", "run", "tmp"].map { " - \($0)" } + [" end"]
      return all.split(separator: "\n").filter { line in !usual.contains { line.hasSuffix($0) } }
        .sorted().joined(separator: "\n")
    }
  }

  private static let x = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"

  @Test(arguments: ["memory", "disk"])
  func `what is removed is a whiteout, and a folder made anew is opaque`(work: String) throws {
    let changes = try changes(
      inTree("write /a/old x", "write /b/old x", "write /c x"),
      inTree("remove /a", "write /a/new x", "remove /b", "remove /c", "write /end x"), work: work)
    #expect(
      changes == """
        d 0755 0 0 1700000000 - a
        d 0755 0 0 1700000000 - b
        d 0755 0 0 1700000000 opaque a
        f 0644 0 0 1700000000 1 \(Self.x) a/new
        f 0644 0 0 1700000000 1 \(Self.x) a/old
        f 0644 0 0 1700000000 1 \(Self.x) b/old
        f 0644 0 0 1700000000 1 \(Self.x) c
        w b
        w c
        """)
  }

  @Test func `later stages and inputs see the tree as it was left`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline(
        "os",
        [
          inTree("write /a/old x", "write /c x"),
          inTree("remove /a", "write /a/new x", "remove /c"),
          inTree("name /a/second /a/new", "mode /a/new 4755"),
        ])
      draft.pipeline("more", base: "os", [inTree("write /a/third y")])
      draft.pipeline(
        "image",
        [
          onTree("copy /end tree a/second", inputs: ["tree": .pipeline("more")])
        ])
      draft.pipeline("gone", [onTree("copy /end tree a/old", inputs: ["tree": .pipeline("more")])])
      draft.export("end", from: "image", "/end")
      draft.export("third", from: "more", "/a/third")
      draft.export("gone", from: "more", "/a/old")
      draft.export("gone too", from: "gone", "/end")
      #expect(try scene.run(draft, ["--export", "end", "--export", "third"]).ending == .exit(0))
      #expect(try scene.text("end") == "x" && scene.text("third") == "y")
      let gone = try scene.run(draft, ["--export", "gone"])
      #expect(gone.ending == .exit(1) && gone.errorText.contains("has no file /a/old"))
      #expect(try scene.run(draft, ["--export", "gone too"]).ending == .exit(1))
    }
  }

  @Test(arguments: ["memory", "disk"])
  func `modes, owners, links, attributes and times are kept`(work: String) throws {
    let changes = try changes(
      inTree(
        "write /b x", "mode /b 4751", "owner /b 77", "mode /b 4751", "name /a /b", "link /l b",
        "attribute /b user.note abc", "time /b 5", "write /later x", "time /later 1900000000",
        "folder /old", "time /old 9", "link /lo to", "time /lo 8", "write /end x"), work: work)
    #expect(
      changes == """
        d 0755 0 0 9 - old
        f 0644 0 0 1700000000 1 \(Self.x) later
        f 4751 77 77 5 1 \(Self.x) a user.note=616263
        h a b
        l 0777 0 0 1700000000 b l
        l 0777 0 0 8 to lo
        """)
  }

  @Test(arguments: ["memory", "disk"])
  func `times of the run become the epoch even when that is in the future`(work: String) throws {
    try Scene.with { scene in
      var draft = Draft(epoch: 4_000_000_000)
      draft.pipeline("os", [inTree("write /end x")])
      draft.export("end", from: "os", "/end")
      let outcome = try scene.run(draft, environment: ["PARTICLE_WORK": work])
      #expect(outcome.ending == .exit(0))
      #expect(try scene.listings()[0].contains("f 0644 0 0 4000000000 1 "))
    }
  }

  @Test func `holes stay holes, in layers and in outputs`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("sparse /end 300000000")])
      draft.pipeline("image", [onTree("sparse /end 400000000")])
      draft.export("one", from: "os", "/end")
      draft.export("two", from: "image", "/end")
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      for name in ["one", "two"] {
        let info = try Files.information("\(scene.output)/\(name)")
        #expect(info.st_size >= 300_000_000 && info.st_blocks < 100)
      }
      let check = try Command([
        "sh", "-c", "cd '\(scene.output)' && sha256sum --quiet -c SHA256SUMS",
      ]).run()
      #expect(check.ending == .exit(0), "\(check.text)")
    }
  }

  @Test func `stages may change the same thing in the same way, or nothing`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline(
        "os",
        [
          inTree("sleep 1"), inTree("write /end x"), inTree("write /end y"), inTree("sleep 2"),
          inTree("write /end x"), inTree("sleep 3"),
        ])
      draft.pipeline(
        "image", build: "os", [onTree("copy /end tree end", inputs: ["tree": .pipeline("os")])])
      draft.export("end", from: "image", "/end")
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(try scene.text("end") == "x")
    }
  }

  @Test func `a layer of another boot is believed when it is whole`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("write /end x")])
      draft.export("end", from: "os", "/end")
      #expect(try scene.run(draft).fates == ["os/0 run"])
      let layer = scene.store + "/layers/" + (try Files.names(in: scene.store + "/layers")[0])
      #expect(Files.exists(layer + "/boot"))
      try Files.write(Array("before".utf8), to: layer + "/boot")
      #expect(try scene.run(draft).fates == ["os/0 hit"])
      #expect(!Files.exists(layer + "/boot"))

      try Files.write(Array("before".utf8), to: layer + "/boot")
      try Files.write([], to: layer + "/tree/end")
      try Files.removeTree(scene.output)
      #expect(try scene.run(draft).fates == ["os/0 run"])
      #expect(try scene.text("end") == "x")
    }
  }

  @Test func `forty layers fit`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline(
        "os", (1...40).map { inTree("write /\($0) x") } + [inTree("write /end x")])
      draft.export("end", from: "os", "/end")
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
    }
  }
}
