import Dispatch
import Files
import Glibc
import Model
import Processes
import Runner
import Synchronization
import Testing
import Trees

@Suite struct StoreCareTests {
  /// Builds of one stage that writes 200 kB.
  private func draft(_ name: String) -> Draft {
    var draft = Draft()
    draft.pipeline("os", [inTree("fill /\(name) 200000"), inTree("write /end \(name)")])
    draft.export("end", from: "os", "/end")
    return draft
  }

  private func care(_ scene: Scene, _ words: String...) throws -> Command.Outcome {
    try Command([Scene.programs + "/particle", "store"] + words + ["--store", scene.store]).run()
  }

  @Test func `what was not used for the longest time goes first`() throws {
    try Scene.with { scene in
      for (index, name) in ["a", "b", "c"].enumerated() {
        _ = try scene.run(draft(name))
        // What was there before is older still.
        for item in try Inventory(of: Store(root: scene.store)).items
        where item.used.seconds > 1_000_000 {
          let time = timespec(tv_sec: 1000 + index, tv_nsec: 0)
          utimensat(AT_FDCWD, "\(scene.store)/\(item.object.stamp)", [time, time], 0)
        }
      }
      // A hit is a use.
      #expect(try scene.run(draft("a")).fates == ["os/0 hit", "os/1 hit"])
      let outcome = try care(scene, "gc", "--size", "600KiB")
      #expect(outcome.ending == .exit(0) && outcome.text.hasPrefix("removed "), "\(outcome.text)")
      #expect(try scene.run(draft("a"), ["--plan"]).text.hasPrefix("hit    os/0"))
      #expect(try scene.run(draft("b"), ["--plan"]).text.hasPrefix("run    os/0"))
      #expect(try scene.run(draft("c"), ["--plan"]).text.hasPrefix("hit    os/0"))
    }
  }

  @Test func `a lower limit counts at once, and a run keeps what it uses`() throws {
    try Scene.with { scene in
      for name in ["a", "b", "c"] { _ = try scene.run(draft(name)) }
      let outcome = try scene.run(draft("a"), ["--store-size", "1KiB"])
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(outcome.fates.allSatisfy { $0.hasSuffix("hit") })
      #expect(outcome.errorText.contains("  the store takes "))
      #expect(try Files.names(in: scene.store + "/layers").count == 2)
      #expect(try Files.names(in: scene.store + "/outputs").count == 1)
      #expect(try Files.names(in: scene.store + "/programs").count == 1)
      #expect(try Files.names(in: scene.store + "/runs") == [])
      #expect(try Files.names(in: scene.store + "/tmp") == [])
      let raised = try scene.run(draft("b"), environment: ["PARTICLE_STORE_SIZE": "1GiB"])
      #expect(raised.fates == ["os/0 run", "os/1 run"])
      #expect(try Files.names(in: scene.store + "/layers").count == 4)
      let wrong = try scene.run(draft("b"), environment: ["PARTICLE_STORE_SIZE": "much"])
      #expect(wrong.ending == .exit(2))
    }
  }

  @Test func `sources count, and are used by every build that asks for them`() throws {
    try Scene.with { scene in
      var draft = Draft()
      let source = draft.inline("f", "eA==", of: Array("x".utf8))
      draft.pipeline("os", [inTree("copy /end files f", inputs: ["files": .sources([source])])])
      draft.export("end", from: "os", "/end")
      _ = try scene.run(draft)
      #expect(Files.exists("\(scene.store)/used/\(source.hex)"))
      let info = try Files.information("\(scene.store)/sources/sha256/\(source.hex)")
      #expect(info.st_mtim.tv_sec == 0)
      let said = try care(scene, "info").text
      #expect(said.contains("sources   1      4.0 KiB\n"), "\(said)")
      let all = try care(scene, "gc", "--all")
      #expect(all.text.hasSuffix("the store takes 0 bytes\n"), "\(all.text)")
      #expect(try Files.names(in: scene.store + "/sources/sha256") == [])
      #expect(try scene.run(draft).fates == ["os/0 run"])
    }
  }

  @Test func `a flipped bit is found, and the next run makes the layer again`() throws {
    try Scene.with { scene in
      _ = try scene.run(draft("a"))
      let before = try scene.results()
      #expect(try care(scene, "verify").ending == .exit(0))
      let layer = try #require(
        try Files.names(in: scene.store + "/layers").first { name in
          Files.exists("\(scene.store)/layers/\(name)/tree/a")
        })
      let path = "\(scene.store)/layers/\(layer)/tree/a"
      let info = try Files.information(path)
      var bytes = try Files.read(path)
      bytes[100_000] ^= 1
      try Files.write(bytes, to: path)
      // The times do not show it.
      utimensat(AT_FDCWD, path, [info.st_mtim, info.st_mtim], 0)
      let outcome = try care(scene, "verify")
      #expect(outcome.ending == .exit(1))
      #expect(
        outcome.text == """
          damaged: layers/\(layer)
            /a: content
          0 sources and 2 layers read, 1 damaged, 1 removed

          """)
      #expect(try scene.run(draft("a")).fates == ["os/0 run", "os/1 hit"])
      #expect(try scene.results() == before)
      #expect(try care(scene, "verify").ending == .exit(0))
    }
  }

  @Test func `a damaged source or listing is found`() throws {
    try Scene.with { scene in
      var draft = Draft()
      let source = draft.inline("f", "eA==", of: Array("x".utf8))
      draft.pipeline("os", [inTree("copy /end files f", inputs: ["files": .sources([source])])])
      draft.export("end", from: "os", "/end")
      _ = try scene.run(draft)
      try Files.write(Array("y".utf8), to: "\(scene.store)/sources/sha256/\(source.hex)")
      let layer = try Files.names(in: scene.store + "/layers")[0]
      try Files.write(Array("y".utf8), to: "\(scene.store)/layers/\(layer)/listing")
      // A listing that was changed is seen by every run.
      #expect(try scene.run(draft, ["--plan"]).text.hasPrefix("run    os/0"))
      let outcome = try care(scene, "verify")
      #expect(outcome.ending == .exit(1))
      #expect(outcome.text.contains("damaged: sources/sha256/\(source.hex)\n  its checksum is "))
      #expect(outcome.text.contains("damaged: layers/\(layer)\n  its listing was changed\n"))
      #expect(try scene.run(draft).fates == ["os/0 run"])
      #expect(try scene.text("end") == "x")
      try Files.removeTree("\(scene.store)/sources/sha256/\(source.hex)")
      #expect(mkfifo("\(scene.store)/sources/sha256/\(source.hex)", 0o600) == 0)
      let piped = try care(scene, "verify")
      #expect(piped.text.contains("\(source.hex)\n  it is not a regular file\n"), "\(piped.text)")
    }
  }

  @Test(arguments: ["actions", "durations", "logs", "outputs", "programs"])
  func `a directory in the place of a file is told with what removes it`(kind: String) throws {
    try Scene.with { scene in
      _ = try scene.run(draft("a"))
      let folder = "\(scene.store)/\(kind)"
      let names = try Files.names(in: folder)
      #expect(!names.isEmpty)
      for name in names {
        unlink("\(folder)/\(name)")
        try Files.makeDirectories("\(folder)/\(name)/within")
      }
      let outcome = try scene.run(draft("a"))
      if outcome.ending != .exit(0) {
        #expect(
          outcome.errorText.contains("  help: run: particle store verify --store \(scene.store)\n"),
          "\(outcome.errorText)")
      }
      let said = try care(scene, "verify")
      #expect(said.ending == .exit(1))
      for name in names where Files.exists("\(folder)/\(name)/within") {
        Issue.record("\(kind)/\(name) is left: \(said.text)")
      }
      #expect(said.text.contains("damaged: \(kind)/\(names[0])\n  it is not a regular file\n"))
      let after = try scene.run(draft("a"))
      #expect(after.ending == .exit(0), "\(after.errorText)")
      #expect(try care(scene, "verify").ending == .exit(0))
    }
  }

  @Test func `builds go on while everything that is free is removed again and again`() throws {
    try Scene.with { scene in
      let drafts = (0..<2).map { number -> Draft in
        var draft = Draft()
        let steps = (1...8).map { inTree("write /\($0) x", "sleep 40") }
        draft.pipeline("os", [inTree("write /own \(number)")] + steps + [inTree("write /end x")])
        draft.export("end", from: "os", "/end")
        return draft
      }
      let commands = try drafts.map { try scene.command($0, ["--store-size", "1KiB"]) }
      let endings = Mutex([String]())
      let running = Mutex(commands.count)
      DispatchQueue.concurrentPerform(iterations: commands.count + 1) { index in
        if index == commands.count {
          while running.withLock({ $0 > 0 }) {
            _ = try? care(scene, "gc", "--all")
            usleep(5000)
          }
          return
        }
        for _ in 0..<3 {
          let outcome = try? commands[index].run()
          endings.withLock {
            $0.append("\(outcome?.ending ?? .exit(99)) \(outcome?.errorText ?? "")")
          }
        }
        running.withLock { $0 -= 1 }
      }
      let all = endings.withLock(\.self)
      #expect(all.count == 6)
      for ending in all { #expect(ending.hasPrefix("exit status 0")) }
      #expect(try care(scene, "gc", "--all").ending == .exit(0))
      #expect(try Files.names(in: scene.store + "/layers") == [])
      #expect(try Files.names(in: scene.store + "/tmp") == [])
      #expect(try Files.names(in: scene.store + "/runs") == [])
    }
  }
}
