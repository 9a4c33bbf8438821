import Files
import Glibc
import Hashing
import JSON
import Model
import Processes
import Runner
import Testing

@Suite struct FailureTests {
  private func draft(_ steps: [Draft.Step]) -> Draft {
    var draft = Draft()
    draft.pipeline("os", steps)
    draft.export("end", from: "os", "/end")
    return draft
  }

  private func failure(
    _ ending: Command.Ending, victims: [String] = [], log: String = ""
  ) -> StageFailure {
    let id = SHA256.digest([])
    let stage = Stage(id: id, type: "locale", version: 1, options: .object([]), inputs: [:])
    return StageFailure(
      StagePlace(pipeline: "os", index: 3, stage: stage), key: id, ending: ending,
      starved: OutOfMemory.Finding(victims: victims, isCertain: !victims.isEmpty), text: log,
      log: "/store/logs/1.log")
  }

  @Test func `the report has the last twenty lines, and what a terminal would obey is left out`() {
    let log = (1...30).map { "line \($0)\n" }.joined() + "\u{1b}[31mred\u{1b}[0m\n10%\r20%\n"
    var failure = failure(.exit(2), log: log)
    failure.kept = "/store/failed/1"
    failure.shell = "particle shell /store/failed/1"
    let lines = (13...30).map { "  | line \($0)\n" }.joined()
    #expect(
      Report.text(of: failure).text == """
        error: cannot run stage 3 of pipeline 'os', locale: exit status 2; \
        the last 20 of 32 lines of output:
        \(lines)  | red
          | 20%
          help: the whole output is in /store/logs/1.log
          help: its tree is kept in /store/failed/1
          help: open a shell in it: particle shell /store/failed/1

        """)
    let coloured = Report.text(of: failure, isColoured: true).text
    #expect(coloured.hasPrefix("\u{1b}[31merror:\u{1b}[0m cannot run stage 3"))
  }

  @Test func `a complaint that quotes a program is told alone, in lines of a readable length`() {
    let others = (1...30).map { "line \($0)\n" }.joined()
    let complaint = ["locale: cannot run it: exit status 1"] + (1...24).map { "  word \($0)" }
    let long = String(repeating: "x", count: 500)
    let quoting = failure(
      .exit(1), log: others + complaint.joined(separator: "\n") + "\n  \(long)\n")
    #expect(quoting.lastLines == complaint + ["  " + long.prefix(398) + "…"])
    let short = failure(.exit(1), log: others + complaint[0] + "\n")
    #expect(short.lastLines.count == 20)
  }

  @Test func `how a stage ended is told in words`() {
    #expect(failure(.exit(1)).cause == "exit status 1")
    #expect(failure(.signal(11)).cause == "killed by signal 11 (Segmentation fault)")
    // bubblewrap ends with 128 and the number.
    #expect(failure(.exit(137)).cause == "killed by signal 9 (Killed)")
    #expect(
      failure(.exit(137), victims: ["stage"]).cause
        == "killed by the kernel's out-of-memory killer (signal 9)")
    #expect(
      failure(.exit(1), victims: ["mksquashfs"]).cause == """
        exit status 1; while it ran, the kernel's out-of-memory killer killed a process 'mksquashfs'
        """)
  }

  @Test func `what the kernel says of its out-of-memory killer is understood`() {
    let log = """
      6,1000,5000000,-;usb 1-1: new device
      3,1001,5000001,-;Out of memory: Killed process 4321 (mksquashfs) total-vm:1kB, anon-rss:1kB
      3,1002,5000002,-;Memory cgroup out of memory: Killed process 17 (stage) total-vm:1kB
       SUBSYSTEM=memory

      """
    #expect(OutOfMemory.victims(in: log) == ["mksquashfs", "stage"])
    #expect(OutOfMemory.victims(in: "") == [])
    #expect(OutOfMemory.kills(in: "low 0\nhigh 0\nmax 3\noom 1\noom_kill 2\n") == 2)
    #expect(OutOfMemory.kills(in: "") == nil)
  }

  @Test func `a stage that is killed is told`() throws {
    try Scene.with { scene in
      let outcome = try scene.run(draft([inTree("die")]))
      #expect(outcome.ending == .exit(1))
      #expect(outcome.errorText.contains("killed by signal 9 (Killed)"), "\(outcome.errorText)")
    }
  }

  @Test func `the result of a failed build can be had as JSON`() throws {
    try Scene.with { scene in
      let draft = draft([inTree("fail on purpose")])
      let outcome = try scene.run(draft, ["--json"])
      #expect(outcome.ending == .exit(1))
      let error = try JSON.parse(outcome.output, file: "output")["error"]
      #expect(error?["exit"] == .integer(1))
      #expect(error?["lines"] == .list([.string("trial-in: cannot do fail: on purpose")]))
      #expect(
        error?["stage"]?["id"] == .string(draft.manifest.pipelines[0].stages[0].id.description))
      guard case .string(let log)? = error?["log"]?.value else {
        Issue.record("no log")
        return
      }
      #expect(Files.exists(log))
    }
  }

  @Test func `only the first failure is told`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("a", [inTree("sleep 5000", "fail late")])
      draft.pipeline("b", [inTree("fail early")])
      draft.export("a", from: "a", "/a")
      draft.export("b", from: "b", "/b")
      let outcome = try scene.run(draft, ["-j", "2"])
      #expect(outcome.errorText.contains("pipeline 'b'"), "\(outcome.errorText)")
      #expect(!outcome.errorText.contains("pipeline 'a'"))
    }
  }

  /// The shell of this machine and what it needs, as steps that bring it into a tree.
  static func shell(_ draft: inout Draft) throws -> Draft.Step {
    let listed = try Command(["ldd", "/bin/sh"]).runChecked().text
    let files = listed.split(whereSeparator: \.isWhitespace).map(String.init)
      .filter { $0.hasPrefix("/") }
    var digests: [Digest] = []
    var steps = ["folder /bin"]
    for path in ["/bin/sh"] + files {
      let name = String(path.split(separator: "/").last ?? "")
      digests.append(draft.source(name, try Files.read(path), urls: ["file://\(path)"]))
      let folder = path.split(separator: "/").dropLast().joined(separator: "/")
      steps += ["folder /\(folder)", "copy \(path) files \(name)", "mode \(path) 755"]
    }
    return Draft.Step(
      type: "trial-in", options: .object([("steps", .list(steps.map(Node.string)))]),
      inputs: ["files": .sources(digests)])
  }

  /// The command line of a failure, with something to run in that shell.
  static func inShell(_ command: String, _ look: String, in scene: Scene) -> Command {
    Command(
      ["sh", "-c", "\(command) -- sh -c \"$1\"", "sh", look],
      environment: [
        "PATH": "\(Scene.programs):/usr/sbin:/usr/bin:/bin",
        "PARTICLE_STAGES": scene.folder + "/stages",
      ])
  }

  @Test(arguments: [true, false])
  func `the tree of a failed stage is kept, with a shell in it`(isInTree: Bool) throws {
    try Scene.with { scene in
      var draft = Draft()
      let steps = ["write /seen x", "fail now"]
      let options = Node.object([("steps", .list(steps.map(Node.string)))])
      let shell = try Self.shell(&draft)
      if isInTree {
        draft.pipeline(
          "os", [shell, Draft.Step(type: "trial-in", options: options, inputs: [:])])
      } else {
        draft.pipeline("tools", [shell])
        draft.pipeline(
          "os", build: "tools",
          [Draft.Step(type: "trial-on", options: options, inputs: ["tools": .pipeline("tools")])])
      }
      draft.export("end", from: "os", "/end")
      let outcome = try scene.run(draft, ["--keep-failed", "--json"])
      let error = try JSON.parse(outcome.output, file: "output")["error"]
      guard case .string(let kept)? = error?["kept"]?.value,
        case .string(let command)? = error?["shell"]?.value
      else {
        Issue.record("\(outcome.errorText)")
        return
      }
      #expect(Files.exists(kept + "/changes/seen"))
      #expect(outcome.errorText.contains("help: open a shell in it: \(command)\n"))
      let place = isInTree ? "" : "/run/particle/tree"
      let look = """
        read text <\(place)/seen; echo "$text"; echo other >\(place)/seen; \
        /run/particle/stage </run/particle/request.json; echo "status $?"
        """
      for _ in 1...2 {
        let shown = try Self.inShell(command, look, in: scene).run()
        #expect(shown.text.hasPrefix("x\n"), "\(shown.errorText)")
        #expect(shown.text.hasSuffix("status 1\n"))
      }
    }
  }

  @Test func `the shell of a failed tree has the stage's filter, and sees what the stage saw`()
    throws
  {
    try Scene.with { scene in
      var draft = Draft()
      let shell = try Self.shell(&draft)
      draft.pipeline(
        "os", [shell, inTree("write /etc/secret x", "write /etc/known x"), inTree("fail now")])
      draft.export("end", from: "os", "/end")
      let outcome = try scene.run(draft, ["--keep-failed", "--json"])
      guard
        case .string(let command)? = try JSON.parse(outcome.output, file: "output")["error"]?[
          "shell"]?.value
      else {
        Issue.record("\(outcome.errorText)")
        return
      }
      let look = """
        while read -r name value; do [ "$name" != Seccomp: ] || echo "filter $value"; done </proc/self/status
        [ ! -e /etc/secret ] && [ -e /etc/known ] && echo hidden; echo /proc/[0-9]* /proc/self/fd/*
        for number in 0 1 2; do [ -p /proc/self/fd/$number ] && echo pipe; done
        """
      let shown = try SightTests.run(Self.inShell(command, look, in: scene), in: scene)
      #expect(
        shown.text == "filter 2\nhidden\n/proc/1 /proc/2 /proc/self/fd/0 /proc/self/fd/1 "
          + "/proc/self/fd/2 /proc/self/fd/3\npipe\npipe\npipe\n", "\(shown.text)\(shown.errorText)"
      )
    }
  }

  /// A build that has failed, with a shell in its tree: the folder that is kept.
  private func kept(in scene: Scene) throws -> String {
    var draft = Draft()
    let shell = try Self.shell(&draft)
    draft.pipeline("os", [shell, inTree("write /seen x", "fail now")])
    draft.export("end", from: "os", "/end")
    let outcome = try scene.run(draft, ["--keep-failed", "--json"])
    guard
      case .string(let kept)? = try JSON.parse(outcome.output, file: "output")["error"]?["kept"]?
        .value
    else { throw Failure("keep", "a tree", cause: outcome.errorText) }
    return kept
  }

  @Test func `a shell without a terminal at all its streams has none`() throws {
    try Scene.with { scene in
      let command = try "particle shell \(kept(in: scene))"
      let seen = scene.folder + "/seen"
      let look = "exec 3<>/dev/tty && echo got >&3"
      let line = Self.inShell(command, look, in: scene)
      let words = line.arguments.map(shellWord).joined(separator: " ")
      // A terminal of its own is the only one here, and only standard input is connected to it.
      _ = try Command(
        ["script", "-qec", "\(words) >'\(seen)' 2>&1", "/dev/null"],
        environment: line.environment
      ).run()
      let said = try Files.readText(seen)
      #expect(said.contains("/dev/tty: No such device or address"), "\(said)")
    }
  }

  @Test(arguments: [
    #"s|"inputs": {|"inputs": {"../../x": {"tree": []},|"#,
    #"s|"inputs": {|"inputs": {"x": {"files": [{"name": "../x", "source": "sha256:DIGEST"}]},|"#,
    #"s|"type": "trial-in"|"type": "../trial-in"|"#, #"s|"tree": \[|"tree": ["/etc",|"#,
  ])
  func `what a stranger has written into a kept tree is not followed`(change: String) throws {
    try Scene.with { scene in
      let folder = try kept(in: scene)
      let change = change.replacing("DIGEST", with: String(repeating: "0", count: 64))
      _ = try Command(["sed", "-i", change, folder + "/view.json"]).runChecked()
      let shown = try Self.inShell("particle shell \(folder)", "echo in", in: scene).run()
      #expect(shown.ending == .exit(2) && shown.text == "", "\(shown.errorText)")
      #expect(shown.errorText.contains("view.json"), "\(shown.errorText)")
    }
  }

  @Test(arguments: [
    ("rm -r changes && ln -s / changes", "not the tree of a stage that failed"),
    ("ln -sf /etc/passwd request.json", "Too many levels of symbolic links"),
    ("rm view.json && mkfifo view.json", "named pipe"),
    ("rm -r ../../layers/*/tree", "no longer has all"),
    (
      "cd ../../layers && for layer in *; do rm -r $layer/tree && ln -s / $layer/tree; done",
      "no longer has all"
    ),
    ("rm -r ../../actions", "not the tree of a stage that failed"),
  ])
  func `links and pipes in a kept tree are refused`(change: String, cause: String) throws {
    try Scene.with { scene in
      let folder = try kept(in: scene)
      _ = try Command(["sh", "-c", "cd '\(folder)' && \(change)"]).runChecked()
      let shown = try Self.inShell("particle shell \(folder)", "echo in", in: scene).run()
      #expect(shown.ending == .exit(1) && shown.text == "", "\(shown.errorText)")
      #expect(shown.errorText.contains(cause), "\(shown.errorText)")
    }
  }

  @Test func `a stage is told of the kernel that there is`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("sight /seen")])
      draft.export("seen", from: "os", "/seen")
      let command = try scene.command(draft)
      let outcome = try Command(
        ["setarch", "linux32", "--uname-2.6"] + command.arguments, environment: command.environment
      ).run()
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      let seen = try scene.text("seen")
      for (title, option) in [("release", "-r"), ("machine", "-m")] {
        let real = try Command(["uname", option]).runChecked().text
        #expect(seen.contains("\n\(title): \(real)"), "\(seen)")
      }
    }
  }

  private static func mayRaiseLimits() throws -> Bool {
    let status = try Files.readText("/proc/self/status").split(separator: "\n")
    let line = try #require(status.first { $0.hasPrefix("CapEff:") })
    let capabilities = try #require(UInt64(line.split(separator: "\t")[1], radix: 16))
    return capabilities & 1 << 24 != 0
  }

  @Test(arguments: ["-s 512", "-f 100000", "-v 9000000", "-n 256"])
  func `limits of who starts the runner are raised, or refused`(limit: String) throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("sight /seen")])
      draft.export("seen", from: "os", "/seen")
      let words = try scene.command(draft).arguments.map(shellWord).joined(separator: " ")
      let environment = try scene.command(draft).environment
      let root = try Command(
        ["bash", "-c", "ulimit \(limit) && \(words)"], environment: environment
      ).run()
      let refusal = "ulimit -H \(limit.prefix(2))"
      // Root of a container may not raise them either (CAP_SYS_RESOURCE, capabilities(7)).
      if try Self.mayRaiseLimits() {
        #expect(root.ending == .exit(0), "\(root.errorText)")
      } else {
        #expect(root.ending == .exit(1) && root.errorText.contains(refusal), "\(root.errorText)")
        #expect(try scene.run(draft).ending == .exit(0))
      }
      let seen = try scene.text("seen")
      for line in [
        "Max stack size 8388608 unlimited bytes", "Max file size unlimited unlimited bytes",
        "Max address space unlimited unlimited bytes", "Max open files 1024 4096 files",
      ] {
        #expect(seen.contains(line + "\n"), "\(seen)")
      }
      let user = try OrdinaryUser.run(
        Command(
          try scene.command(draft, ["--store", scene.folder + "/store"]).arguments,
          environment: environment), in: scene, before: "ulimit \(limit)", shell: "bash")
      #expect(user.ending == .exit(1), "\(user.errorText)")
      #expect(user.errorText.contains(refusal), "\(user.errorText)")
    }
  }

  @Test func `a tree without a shell is kept, too`() throws {
    try Scene.with { scene in
      let outcome = try scene.run(draft([inTree("write /seen x", "fail now")]), ["--keep-failed"])
      let line = outcome.errorText.split(separator: "\n").first { $0.contains("its tree is kept") }
      let path = String(line?.split(separator: " ").last ?? "")
      #expect(Files.exists(path + "/changes/seen"), "\(outcome.errorText)")
      #expect(!outcome.errorText.contains("open a shell"))
    }
  }
}
