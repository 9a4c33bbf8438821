import Dispatch
import Files
import Glibc
import Model
import Processes
import Synchronization
import Testing

@Suite struct FaultTests {
  private func draft(_ steps: [Draft.Step]) -> Draft {
    var draft = Draft()
    draft.pipeline("os", steps)
    draft.export("end", from: "os", "/end")
    return draft
  }

  private func slow() -> Draft {
    draft([inTree("write /one x"), inTree("write /two x", "sleep 600000"), inTree("write /end x")])
  }

  /// Runs a build, and sends it a signal when its first stage is done.
  private func interrupt(_ scene: Scene, _ number: Int32) throws -> Command.Outcome {
    let command = try scene.command(slow())
    return try command.run { process in
      startThread {
        for _ in 0..<12_000 where ((try? Files.names(in: scene.store + "/actions")) ?? []).isEmpty {
          usleep(10_000)
        }
        usleep(100_000)
        kill(process, number)
      }
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `an interrupted run ends with status 130 and keeps what is finished`(number: Int32) throws {
    try Scene.with { scene in
      let outcome = try interrupt(scene, number)
      #expect(outcome.ending == .exit(130), "\(outcome.errorText)")
      #expect(try Files.names(in: scene.store + "/tmp") == [])
      #expect(try Files.names(in: scene.store + "/actions").count == 1)
      try goesOn(scene)
    }
  }

  @Test(arguments: [SIGINT, SIGKILL])
  func `a stage that multiplies and hangs goes with its runner`(number: Int32) throws {
    try Scene.with { scene in
      let name = scene.folder + "/hangs"
      let draft = draft([inTree("write /one x"), inTree("multiply 50 \(name)", "write /end x")])
      @Sendable func count() -> Int {
        ((try? Files.names(in: "/proc")) ?? []).count {
          (try? Files.readText("/proc/\($0)/cmdline"))?.hasPrefix(name) == true
        }
      }
      let command = try scene.command(draft)
      let most = Mutex(0)
      let outcome = try command.run { process in
        startThread {
          for _ in 0..<12_000 where most.withLock(\.self) < 50 {
            most.withLock { $0 = count() }
            usleep(10_000)
          }
          kill(process, number)
        }
      }
      #expect(most.withLock(\.self) >= 50)
      #expect(outcome.ending == (number == SIGINT ? .exit(130) : .signal(SIGKILL)))
      for _ in 0..<1200 where count() > 0 { usleep(50_000) }
      #expect(count() == 0)
    }
  }

  @Test(arguments: [SIGINT, SIGKILL])
  func `a sandbox that is only being made goes with its runner`(number: Int32) throws {
    try Scene.with { scene in
      // Nothing has asked for a signal at the parent's end while this waits.
      let began = scene.folder + "/began"
      try Files.makeDirectories(scene.folder + "/bin")
      let slow = "#!/bin/sh\n>\(began)\nsleep 1\nexec /usr/bin/bwrap \"$@\"\n"
      try Files.write(Array(slow.utf8), to: scene.folder + "/bin/bwrap", mode: 0o755)
      let path = ["PATH": "\(scene.folder)/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
      // A stage sees nothing of the folder, but this number is no other stage's.
      let epoch = 1_000_000_000 + Int.random(in: 0..<500_000_000)
      var draft = Draft(epoch: epoch)
      draft.pipeline("os", [inTree("sleep 600000", "write /end x")])
      draft.export("end", from: "os", "/end")
      let command = try scene.command(draft, environment: path)
      let outcome = try command.run { process in
        startThread {
          for _ in 0..<12_000 where !Files.exists(began) { usleep(10_000) }
          usleep(100_000)
          kill(process, number)
        }
      }
      #expect(outcome.ending == (number == SIGINT ? .exit(130) : .signal(SIGKILL)))
      func left() -> [String] {
        ((try? Files.names(in: "/proc")) ?? []).filter {
          (try? Files.readText("/proc/\($0)/mountinfo"))?.contains(scene.folder) == true
            || (try? Files.readText("/proc/\($0)/environ"))?.contains("EPOCH=\(epoch)") == true
        }
      }
      // The stage would take ten minutes.
      for _ in 0..<600 where !left().isEmpty { usleep(100_000) }
      #expect(left() == [])
    }
  }

  @Test func `after kill -9 the next run goes on and clears up`() throws {
    try Scene.with { scene in
      #expect(try interrupt(scene, SIGKILL).ending == .signal(SIGKILL))
      #expect(try !Files.names(in: scene.store + "/tmp").isEmpty)
      waitForEnd(of: scene)
      try goesOn(scene)
      #expect(try Files.names(in: scene.store + "/tmp") == [])
      #expect(try !Files.readText("/proc/self/mountinfo").contains(scene.folder))
    }
  }

  @Test func `what a killed check leaves goes at the end of the next run`() throws {
    try Scene.with { scene in
      var draft = draft([inTree("write /one x", "sleep 2000"), inTree("write /end x")])
      draft.export("one", from: "os", "/one")
      _ = try scene.run(draft)
      let outcome = try scene.command(draft, ["--check"]).run { process in
        startThread {
          for _ in 0..<12_000 where ((try? Files.names(in: scene.store + "/tmp")) ?? []).isEmpty {
            usleep(5000)
          }
          usleep(100_000)
          kill(process, SIGKILL)
        }
      }
      #expect(outcome.ending == .signal(SIGKILL))
      #expect(try !Files.names(in: scene.store + "/tmp").isEmpty)
      waitForEnd(of: scene)
      #expect(try scene.run(draft).fates == ["os/0 hit", "os/1 hit"])
      #expect(try Files.names(in: scene.store + "/tmp") == [])
      #expect(try Files.names(in: scene.store + "/runs") == [])
    }
  }

  /// Waits until nothing of a killed run has its folders mounted any more.
  private func waitForEnd(of scene: Scene) {
    func isMounted() -> Bool {
      ((try? Files.names(in: "/proc")) ?? []).contains {
        (try? Files.readText("/proc/\($0)/mountinfo"))?.contains(scene.folder) == true
      }
    }
    for _ in 0..<1200 where isMounted() { usleep(50_000) }
  }

  private func goesOn(_ scene: Scene) throws {
    let outcome = try scene.run(draft([inTree("write /one x"), inTree("write /end x")]))
    #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
    #expect(outcome.fates == ["os/0 hit", "os/1 run"])
  }

  @Test func `two runners share a store`() throws {
    try Scene.with { scene in
      let draft = draft(
        (1...6).map { inTree("write /\($0) x", "sleep 30") } + [inTree("write /end x")])
      let commands = try (1...3).map { _ in try scene.command(draft, []) }
      let endings = Mutex([String]())
      DispatchQueue.concurrentPerform(iterations: commands.count) { index in
        let outcome = try? commands[index].run()
        endings.withLock {
          $0.append("\(outcome?.ending ?? .exit(99)) \(outcome?.errorText ?? "")")
        }
      }
      for ending in endings.withLock(\.self) { #expect(ending.hasPrefix("exit status 0")) }
      #expect(try Files.names(in: scene.store + "/layers").count == 7)
      #expect(try Files.names(in: scene.store + "/tmp") == [])
    }
  }

  @Test func `the first failure ends the stages that run beside it`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("slow", [inTree("sleep 600000")])
      draft.pipeline("bad", [inTree("sleep 200", "fail now")])
      draft.export("a", from: "slow", "/a")
      draft.export("b", from: "bad", "/b")
      let began = time(nil)
      let outcome = try scene.run(draft, ["-j", "2"])
      #expect(outcome.ending == .exit(1) && outcome.errorText.contains("cannot do fail: now"))
      #expect(time(nil) - began < 300)
    }
  }

  @Test func `a full disk is told, and the store can be used again`() throws {
    try Scene.with { scene in
      try Files.makeDirectories(scene.store)
      // The small file system is seen by this one command only.
      let command = try scene.command(
        draft([inTree("write /one x"), inTree("fill /end 40000000")]),
        environment: ["PARTICLE_WORK": "memory"])
      let script = """
        mount -t tmpfs -o size=16m none '\(scene.store)' || exit 90
        \(command.arguments.map { "'\($0)'" }.joined(separator: " "))
        echo "status $?"
        ls -A '\(scene.store)/tmp' | wc -l
        """
      let outcome = try Command(
        ["unshare", "-m", "sh", "-c", script], environment: command.environment
      ).run()
      #expect(outcome.text == "status 1\n0\n")
      #expect(outcome.errorText.contains("No space left on device"), "\(outcome.errorText)")
    }
  }
}
