import Files
import Glibc
import Hashing
import Model
import Processes
import Runner
import TestSupport
import Testing

@Suite struct ProgressTests {
  private let outline: Outline
  private let places: [StagePlace]

  init() {
    func stage(_ type: String, _ inputs: [String: Input] = [:]) -> Stage {
      Stage(
        id: SHA256.digest(Array(type.utf8)), type: type, version: 1, options: .object([]),
        inputs: inputs)
    }
    let pipelines = [
      Pipeline(name: "build", build: nil, base: nil, stages: [stage("debian.packages")]),
      Pipeline(
        name: "os", build: nil, base: nil, stages: [stage("debian.packages"), stage("locale")]),
      Pipeline(
        name: "disk.raw", build: "build", base: nil,
        stages: [stage("disk", ["tree": .pipeline("os")])]),
    ]
    places = pipelines.flatMap(\.places)
    outline = Outline(
      recipe: "minimal", exports: ["disk.raw"], pipelines: pipelines, toRun: Set(places), files: 3,
      bytes: 30 << 20, durations: [places[0]: 4000, places[1]: 70_000, places[2]: 900], jobs: 2)
  }

  /// A build in the middle of it: one stage is done, two are at work, one download of two is done.
  private func status(durations: [StagePlace: Int]) -> BuildStatus {
    var outline = outline
    outline.durations = durations
    var status = BuildStatus()
    let digest = SHA256.digest([])
    status.apply(.began(outline), at: 100)
    for _ in 1...2 { status.apply(.queued(size: 10 << 20), at: 200) }
    for second in 1...4 {
      status.apply(.received(digest, has: second << 20, new: 1 << 20), at: second * 1000)
    }
    status.apply(.downloaded(SHA256.digest([1]), size: 10 << 20), at: 4100)
    status.apply(.started(places[0], key: digest), at: 200)
    status.apply(.finished(report), at: 2700)
    status.apply(.started(places[1], key: digest), at: 2800)
    status.apply(.started(places[2], key: digest), at: 4800)
    return status
  }

  private var report: StageReport {
    StageReport(
      places[0], key: SHA256.digest([2]), layer: SHA256.digest([3]), milliseconds: 2460,
      log: "/store/logs/1.log")
  }

  private func view(_ status: BuildStatus, width: Int = 100, height: Int = 30) -> String {
    LiveView().lines(status, at: 5500, width: width, height: height).map { $0 + "\n" }.joined()
  }

  @Test func `the live view names stages, downloads, and what is left`() throws {
    var durations = outline.durations
    durations[places[3]] = 6000
    let known = status(durations: durations)
    try golden(
      "Golden/progress/live.txt",
      """
      ## everything is known
      \(view(known))
      ## 40 columns
      \(view(known, width: 40))
      ## 5 rows
      \(view(known, height: 5))
      ## nothing has run before
      \(view(status(durations: [:])))
      """)
  }

  @Test(arguments: [1, 2, 10, 33, 200]) func `no line is as wide as the terminal`(width: Int) {
    for line in LiveView().lines(status(durations: [:]), at: 5500, width: width, height: 10) {
      #expect(line.count < width)
    }
  }

  @Test func `without a build the live view has the downloads alone`() {
    var status = BuildStatus()
    #expect(view(status) == "")
    status.apply(.queued(size: 3 << 20), at: 0)
    status.apply(.queued(size: 1 << 20), at: 0)
    status.apply(.received(SHA256.digest([1]), has: 1 << 20, new: 1 << 20), at: 5400)
    #expect(view(status) == "  downloading  0 of 2 files, 1.0 MiB of 4.0 MiB\n")
    #expect(view(status, width: 20) == "  downloading  0 of\n".dropLast(1) + "\n")
    status.apply(.downloaded(SHA256.digest([1]), size: 3 << 20), at: 5450)
    status.apply(.downloaded(SHA256.digest([2]), size: 1 << 20), at: 5480)
    #expect(view(status) == "")
  }

  @Test func `plain lines come once per stage, and where something takes long`() throws {
    var lines = PlainLines(isVerbose: false)
    var status = BuildStatus()
    var text = ""
    func say(_ now: Int, _ said: [String]) {
      for line in said { text += "\(now / 1000): \(line)\n" }
    }
    func tell(_ event: BuildEvent, _ now: Int) {
      status.apply(event, at: now)
      say(now, lines.lines(for: event, at: now))
    }
    tell(.began(outline), 0)
    tell(.queued(size: 90 << 20), 0)
    for now in stride(from: 500, through: 30_000, by: 500) {
      if now == 1000 { tell(.started(places[0], key: SHA256.digest([])), now) }
      if now <= 18_000 {
        tell(.received(SHA256.digest([]), has: now << 12, new: 500 << 12), now)
      }
      if now == 18_500 { tell(.downloaded(SHA256.digest([]), size: 90 << 20), now) }
      if now == 26_000 { tell(.finished(report), now) }
      say(now, lines.lines(of: status, at: now))
    }
    tell(
      .finished(StageReport(places[1], key: SHA256.digest([]), layer: SHA256.digest([]))), 31_000)
    lines.isVerbose = true
    tell(.finished(report), 32_000)
    try golden("Golden/progress/plain.txt", text)
  }

  @Test func `the time left is that of the longest path, or of all work shared`() {
    var outline = outline
    outline.durations = [places[0]: 4000, places[1]: 3000, places[2]: 1000, places[3]: 6000]
    var status = BuildStatus()
    status.apply(.began(outline), at: 0)
    #expect(status.timeLeft(at: 0) == 10_000)
    outline.jobs = 1
    status.apply(.began(outline), at: 0)
    #expect(status.timeLeft(at: 0) == 14_000)
    let lengths = PathLengths(outline.pipelines) { outline.durations[$0] ?? 0 }
    #expect(places.map { lengths[$0] } == [10_000, 10_000, 7000, 6000])
  }

  @Test(arguments: ["1", ""]) func `elsewhere than on a terminal no control character is written`(
    colours: String
  ) throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("write /end x"), inTree("sleep 400", "fail now")])
      draft.export("end", from: "os", "/end")
      let outcome = try scene.run(
        draft, environment: ["NO_COLOR": colours, "TERM": "xterm-256color"])
      #expect(outcome.errors.allSatisfy { $0 >= 0x20 || $0 == 0x0a }, "\(outcome.errorText)")
    }
  }

  /// Runs a build that fails on a terminal of its own, by script(1), and gives what came out.
  private func onTerminal(_ environment: [String: String]) throws -> String {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("write /end x"), inTree("sleep 400", "fail now")])
      draft.export("end", from: "os", "/end")
      let command = try scene.command(
        draft, environment: environment.merging(["TERM": "xterm"]) { $1 })
      let words = command.arguments.map { "'\($0)'" }.joined(separator: " ")
      return try Command(
        ["script", "-qec", words, "/dev/null"], environment: command.environment
      ).run().text
    }
  }

  @Test func `on a terminal the view is drawn in place, and the cursor comes back`() throws {
    let text = try onTerminal([:])
    #expect(text.contains("\u{1b}[?25l") && text.contains("running, 0s"), "\(text)")
    let parts = text.split(separator: "\u{1b}[?25h", omittingEmptySubsequences: false)
    #expect(parts.count == 2 && parts.last?.contains("\u{1b}[31merror:\u{1b}[0m") == true)
    #expect(parts.last?.contains("?25l") == false)
  }

  @Test func `Ctrl-C on a terminal leaves it as it was`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("write /begun x"), inTree("sleep 20000")])
      draft.export("begun", from: "os", "/begun")
      let command = try scene.command(draft, environment: ["TERM": "xterm"])
      let words = command.arguments.map { "'\($0)'" }.joined(separator: " ")
      let shell = scene.folder + "/shell"
      let script = """
        trap : INT
        stty -a >'\(scene.folder)/before'
        \(words)
        echo "status $?"
        stty -a >'\(scene.folder)/after'
        """
      try Files.write(Array(script.utf8), to: shell)
      // The key is pressed when the second stage is shown.
      let typing = """
        (until grep -q 'os/1 .*running' '\(scene.folder)/seen'; do sleep 0.1; done
        printf '\\003'; until grep -q status '\(scene.folder)/seen'; do sleep 0.1; done) |
        script -qfec 'sh \(shell)' '\(scene.folder)/seen'
        """
      try Files.write([], to: scene.folder + "/seen")
      let text = try Command(
        ["timeout", "60", "sh", "-c", typing], environment: command.environment
      ).run().text
      #expect(text.contains("status 130"), "\(text)")
      let parts = text.split(separator: "\u{1b}[?25h", omittingEmptySubsequences: false)
      #expect(parts.count == 2 && parts.first?.contains("\u{1b}[?25l") == true, "\(text)")
      let last = "particle-run: interrupted; finished work is kept"
      #expect(parts.last?.contains(last) == true, "\(text)")
      let before = try Files.readText(scene.folder + "/before")
      #expect(before.contains("icanon") && before.contains(" echo "))
      #expect(try Files.readText(scene.folder + "/after") == before)
    }
  }

  @Test func `NO_COLOR leaves the view and takes the colours`() throws {
    let text = try onTerminal(["NO_COLOR": "1"])
    #expect(text.contains("\u{1b}[?25l") && text.contains("error: cannot run"))
    #expect(!text.contains("\u{1b}[31m"), "\(text)")
  }

  @Test func `quiet says nothing but the outputs`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("write /end x")])
      draft.export("end", from: "os", "/end")
      let outcome = try scene.run(draft, ["-q"])
      #expect(outcome.errorText.isEmpty)
      #expect(outcome.text == "\(scene.output)/end  1 bytes  \(SHA256.digest(Array("x".utf8)))\n")
    }
  }
}
