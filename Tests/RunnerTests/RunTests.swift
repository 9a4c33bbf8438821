import Files
import Glibc
import Model
import Processes
import Testing

@Suite struct RunTests {
  /// A system, and an image with the system as its input.
  private func draft() -> Draft {
    var draft = Draft()
    draft.pipeline("os", [inTree("write /etc/name one"), inTree("write /etc/other two")])
    draft.pipeline(
      "image", [onTree("copy /disk tree etc/other", inputs: ["tree": .pipeline("os")])])
    draft.export("disk", from: "image", "/disk")
    return draft
  }

  @Test func `pipelines that begin with the same stage run it once`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("a", [inTree("write /shared x", "sleep 300"), inTree("write /own a")])
      draft.pipeline("b", [inTree("write /shared x", "sleep 300"), inTree("write /own b")])
      draft.export("one", from: "a", "/own")
      draft.export("two", from: "b", "/own")
      let outcome = try scene.run(draft, ["-j", "2"])
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      let first = outcome.fates.filter { $0.contains("/0 ") }.map { $0.suffix(3) }
      #expect(first.sorted() == ["hit", "run"])
      #expect(outcome.fates.filter { $0.contains("/1 ") } == ["a/1 run", "b/1 run"])
    }
  }

  @Test func `runs every stage once, and nothing the second time`() throws {
    try Scene.with { scene in
      let first = try scene.run(draft())
      #expect(first.ending == .exit(0), "\(first.errorText)")
      #expect(first.fates == ["image/0 run", "os/0 run", "os/1 run"])
      #expect(try scene.text("disk") == "two")
      let second = try scene.run(draft())
      #expect(second.fates == ["image/0 hit", "os/0 hit", "os/1 hit"])
      let sum = "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"
      #expect(try scene.text("SHA256SUMS") == "\(sum)  disk\n")
    }
  }

  @Test func `two stores, in memory and on disk, come to the same digests`() throws {
    var results: [[String]] = []
    for work in ["memory", "disk"] {
      try Scene.with { scene in
        let outcome = try scene.run(draft(), environment: ["PARTICLE_WORK": work])
        #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
        results.append(try scene.results())
      }
    }
    #expect(results[0] == results[1])
  }

  @Test func `a stage with the same result does not make later ones run again`() throws {
    try Scene.with { scene in
      #expect(try scene.run(draft()).ending == .exit(0))
      var other = Draft()
      other.pipeline(
        "os", [inTree("write /etc/name one", "sleep 1"), inTree("write /etc/other two")])
      other.pipeline(
        "image", [onTree("copy /disk tree etc/other", inputs: ["tree": .pipeline("os")])])
      other.export("disk", from: "image", "/disk")
      let outcome = try scene.run(other)
      #expect(outcome.fates == ["image/0 hit", "os/0 run", "os/1 hit"])
    }
  }

  @Test func `only the pipelines of the wanted exports run`() throws {
    try Scene.with { scene in
      var draft = draft()
      draft.pipeline("broken", [inTree("fail always")])
      draft.export("broken", from: "broken", "/nothing")
      let outcome = try scene.run(draft, ["--export", "disk"])
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      let wrong = try scene.run(draft, ["--export", "dusk"])
      #expect(wrong.ending == .exit(2))
      #expect(
        wrong.errorText == """
          error: the manifest has no export 'dusk'
            help: did you mean 'disk'? its exports are broken, disk

          """)
    }
  }

  @Test func `the plan says what would be done, and does nothing`() throws {
    try Scene.with { scene in
      let before = try scene.run(draft(), ["--plan"])
      #expect(
        before.text == """
          run    os/0 trial-in
          run    os/1 trial-in
          run    image/0 trial-on
          0 known, 3 to run, 0 files to fetch (0 bytes)

          """)
      #expect(!Files.exists(scene.store) && !Files.exists(scene.output))
      _ = try scene.run(draft())
      let after = try scene.run(draft(), ["--plan"])
      #expect(after.text.hasSuffix("3 known, 0 to run, 0 files to fetch (0 bytes)\n"))
    }
  }

  @Test func `an output that was changed is placed again, one that was not is left`() throws {
    try Scene.with { scene in
      _ = try scene.run(draft())
      let before = try Files.information(scene.output + "/disk")
      _ = try scene.run(draft())
      #expect(try Files.information(scene.output + "/disk").st_ino == before.st_ino)
      try Files.write(Array("owt".utf8), to: scene.output + "/disk")
      _ = try scene.run(draft())
      #expect(try scene.text("disk") == "two")
    }
  }

  @Test func `a failed stage tells its place, its last words and where its log is`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("say hello", "fail on purpose")])
      draft.export("file", from: "os", "/file")
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(1))
      #expect(
        outcome.errorText.hasPrefix(
          """
          error: cannot run stage 0 of pipeline 'os', trial-in: exit status 1; its output:
            | trial-in: cannot do fail: on purpose
            | hello
            help: the whole output is in \(scene.store)/logs/
          """), "\(outcome.errorText)")
      #expect(try Files.names(in: scene.store + "/tmp") == [])
    }
  }

  @Test func `where the recipe asks for a stage is told first`() throws {
    try Scene.with { scene in
      var draft = Draft()
      var step = inTree("fail on purpose")
      step.origin = Origin(file: "common/server.yml", line: 12, part: "firewall")
      draft.pipeline("os", [inTree("say hello"), step])
      draft.export("file", from: "os", "/file")
      let plan = try scene.run(draft, ["--plan"])
      #expect(plan.text.contains("run    os/1 trial-in  common/server.yml:12 firewall\n"))
      let outcome = try scene.run(draft)
      #expect(
        outcome.errorText.contains(
          "error: cannot run common/server.yml:12 firewall (stage 1 of pipeline 'os', trial-in): "),
        "\(outcome.errorText)")
      let report = try scene.run(draft, ["--json", "-q"]).text
      #expect(report.contains("\"part\": \"firewall\""), "\(report)")
      // It decides nothing.
      step.origin = nil
      var other = Draft()
      other.pipeline("os", [inTree("say hello"), step])
      #expect(other.manifest.pipelines == draft.manifest.pipelines)
    }
  }

  @Test(arguments: [
    ("curl: (6) Could not resolve host: example.org", "stages have no network"),
    ("Failed to connect to bus: No such file or directory", "no service runs while"),
    ("/bin/sh: 3: jq: not found", "add its package to"),
    ("cp: error writing '/tmp/a': No space left on device", "--stage-memory"),
  ])
  func `why programs fail is told where it is known`(said: String, remedy: String) throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("say \(said)", "fail on purpose")])
      draft.export("file", from: "os", "/file")
      let failed = try scene.run(draft)
      #expect(failed.errorText.contains(remedy), "\(failed.errorText)")
    }
  }

  @Test func `a stage that ends well and looked for a network is named`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline(
        "os", [inTree("say wget: unable to resolve host address 'example.org'", "write /file x")])
      draft.export("file", from: "os", "/file")
      let built = try scene.run(draft)
      #expect(built.ending == .exit(0))
      #expect(
        built.errorText.contains("warning: stage 0 of pipeline 'os' tried to use the network"),
        "\(built.errorText)")
    }
  }

  @Test func `the result can be had as JSON`() throws {
    try Scene.with { scene in
      let outcome = try scene.run(draft(), ["--json", "-q"])
      #expect(outcome.errorText.isEmpty)
      #expect(outcome.text.contains("\"result\": \"run\""))
    }
  }

  @Test func `no mount is left on the host, whatever kills the runner`() throws {
    try Scene.with { scene in
      _ = try scene.run(draft())
      #expect(try !Files.readText("/proc/self/mountinfo").contains(scene.folder))
    }
  }
}
