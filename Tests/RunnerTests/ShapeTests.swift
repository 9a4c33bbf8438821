import Files
import Glibc
import Model
import Processes
import Testing
import Trees

/// Trees that nobody would make, and what is left of them in the store.
@Suite struct ShapeTests {
  /// `é` as one scalar and as two, which Swift's `String` takes for one name; one that is no text; one that has the
  /// scalar that stands for what is none.
  private static let names = ["61c3a9", "6165cc81", "61ff62", "61efbfbd"]

  private func particle(_ words: String..., in scene: Scene) throws -> Command.Outcome {
    try Command(
      [Scene.programs + "/particle"] + words + ["--store", scene.store],
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
    ).run()
  }

  @Test(arguments: ["memory", "disk"])
  func `files whose names are no texts, or alike, are all kept`(work: String) throws {
    try Scene.with { scene in
      var draft = Draft()
      // Twenty layers, of which some are merged for the overlay.
      draft.pipeline(
        "os",
        Self.names.map { inTree("bytes /names \($0)") }
          + (1...16).map { inTree("write /more/\($0) x") }
          + [inTree("count /end /names", "remove /more")])
      draft.export("end", from: "os", "/end")
      draft.export("tree", from: "os", "/")
      let outcome = try scene.run(draft, environment: ["PARTICLE_WORK": work])
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(try scene.text("end") == "4")
      #expect(
        try Files.entries(in: scene.output + "/tree/names")
          == ["ae\u{301}", "a\u{e9}", "a\u{fffd}", ByteString([0x61, 0xff, 0x62])])
      let listing = try Files.read(scene.output + "/tree.listing")
      #expect(
        Listing.lines(of: ByteString(Array("names/a".utf8) + [0xff, 0x62]), in: listing).count == 1)
      let verified = try particle("store", "verify", in: scene)
      #expect(verified.ending == .exit(0), "\(verified.text)")
      let check = try scene.run(draft, ["--check"])
      #expect(check.ending == .exit(0), "\(check.errorText)")
    }
  }

  @Test(arguments: [
    ("memory", "d", 20_000), ("disk", "d", 20_000), ("memory", "", 3000), ("disk", "", 3000),
  ])
  func `a tree that is too deep is refused, and leaves a sound store`(
    work: String, name: String, count: Int
  ) throws {
    try Scene.with { scene in
      let name = name.isEmpty ? String(repeating: "d", count: 200) : name
      var draft = Draft()
      draft.pipeline("os", [inTree("write /first x"), inTree("deepen /deep \(name) \(count)")])
      draft.export("end", from: "os", "/first")
      let outcome = try scene.run(draft, environment: ["PARTICLE_WORK": work])
      #expect(outcome.ending == .exit(1))
      #expect(outcome.errorText.contains("/deep/d"), "\(outcome.errorText)")
      #expect(outcome.errorText.contains("longer than 4000 bytes"))
      #expect(try Files.names(in: scene.store + "/tmp") == [])

      var sound = Draft()
      sound.pipeline("os", [inTree("write /first x"), inTree("write /end x")])
      sound.export("end", from: "os", "/end")
      #expect(try scene.run(sound).fates == ["os/0 hit", "os/1 run"])
      #expect(try particle("store", "verify", in: scene).ending == .exit(0))
      #expect(try particle("store", "gc", "--all", in: scene).ending == .exit(0))
      #expect(try Files.names(in: scene.store + "/layers") == [])
    }
  }

  @Test func `what a killed run left is removed by the next, whatever its shape`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("write /end x")])
      draft.export("end", from: "os", "/end")
      let left = scene.store + "/tmp/run-left"
      try Files.makeDirectories(left)
      try deepen(left, String(repeating: "d", count: 200), 100)
      _ = try OpenTree(left).place(ByteString([0xff])).open(O_WRONLY | O_CREAT)
      try Files.makeDirectories(left + "/closed/folder")
      #expect(chmod(left + "/closed", 0) == 0)
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(!outcome.errorText.contains("warning"))
      #expect(try Files.names(in: scene.store + "/tmp") == [])
    }
  }

  @Test(.enabled(if: getuid() == 0)) func `what cannot be removed is put aside and named`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("write /end x")])
      draft.export("end", from: "os", "/end")
      let point = scene.store + "/tmp/run-left/point"
      let kept = scene.folder + "/kept"
      try Files.makeDirectories(point)
      try Files.makeDirectories(kept)
      try Files.write([], to: kept + "/file")
      guard try Command(["mount", "--bind", kept, point]).run().ending == .exit(0) else { return }
      defer {
        for place in [point]
          + ((try? Files.names(in: scene.store + "/left")) ?? []).map({
            "\(scene.store)/left/\($0)/point"
          })
        { _ = try? Command(["umount", place]).run() }
      }
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(outcome.errorText.contains("warning: cannot remove what an earlier run left"))
      #expect(outcome.errorText.contains("something is mounted there"))
      #expect(try Files.names(in: scene.store + "/tmp") == [])
      #expect(try Files.names(in: kept) == ["file"])
      let second = try scene.run(draft)
      #expect(second.ending == .exit(0) && !second.errorText.contains("warning"))
      let collected = try particle("store", "gc", "--all", in: scene)
      #expect(collected.ending == .exit(0) && collected.text.contains("something is mounted there"))
      #expect(try Files.names(in: kept) == ["file"])
    }
  }

  @Test func `holes of terabytes are refused before they are hashed`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("sparse /end 4000000000000")])
      draft.export("end", from: "os", "/end")
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(1))
      #expect(outcome.errorText.contains("to more than 2 TiB"), "\(outcome.errorText)")
    }
  }
}

/// Makes folders in folders, deeper than a path may be.
private func deepen(_ root: String, _ name: String, _ count: Int) throws {
  var folder = try FileDescriptor.open(root, O_RDONLY | O_DIRECTORY)
  for _ in 0..<count {
    guard mkdirat(folder.raw, name, 0o755) == 0 else { throw Failure.system("make", name) }
    let raw = openat(folder.raw, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard raw >= 0 else { throw Failure.system("open", name) }
    folder = FileDescriptor(owning: raw)
  }
}
