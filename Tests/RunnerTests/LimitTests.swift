import Files
import Glibc
import Model
import Processes
import TestSupport
import Testing

/// Stages that take more of the machine than they may.
@Suite struct LimitTests {
  private func outcome(_ steps: [String], _ options: [String]) throws -> Command.Outcome {
    try Scene.with { scene in
      var draft = Draft()
      let steps = Node.object([("steps", .list(steps.map(Node.string)))])
      draft.pipeline("os", [Draft.Step(type: "trial-in", options: steps, inputs: [:])])
      draft.export("end", from: "os", "/end")
      return try scene.run(draft, options)
    }
  }

  @Test func `a stage that takes too much memory is stopped, and it is said why`() throws {
    let outcome = try outcome(["say hoarding", "hoard 300"], ["--stage-memory", "100MiB"])
    #expect(outcome.ending == .exit(1))
    let text = outcome.errorText
    try #require(text.contains(": killed for exceeding its memory limit of 100.0 MiB"), "\(text)")
    #expect(text.contains("\n  help: raise the limit with --stage-memory\n"), "\(text)")
    try record("memory", "a program that takes memory without end")
  }

  @Test(arguments: [
    "share mapped 300", "share left 300", "share file 300", "share system 300",
    "occupy /tmp/x 300", "occupy /run/x 300", "occupy /dev/shm/x 300",
  ])
  func `what is shared, and files in memory, are memory that a stage takes`(step: String) throws {
    // It is still there when the runner looks, however late.
    let outcome = try outcome([step, "sleep 60000"], ["--stage-memory", "100MiB"])
    #expect(outcome.ending == .exit(1))
    let text = outcome.errorText
    try #require(text.contains(": killed for exceeding its memory limit of 100.0 MiB"), "\(text)")
    try record("memory-" + step, "300 MiB of shared memory or files in memory: \(step)")
  }

  /// Keeps a row of docs/security.md.
  private func record(_ name: String, _ tries: String) throws {
    try Attack.record(
      name, tries: tries, expected: "the stage is killed",
      seen: "refused: the stage was killed for exceeding its limit")
  }

  @Test func `what is shared counts once`() throws {
    // A file in memory is open, and a mapping is shared by a process that lives on.
    let steps = ["share file 40 1", "share mapped 40 2", "write /end x"]
    let outcome = try outcome(steps, ["--stage-memory", "100MiB"])
    #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
  }

  @Test func `a stage that starts processes without end is stopped, and it is said why`() throws {
    let outcome = try outcome(["multiply 200"], ["--stage-processes", "100"])
    #expect(outcome.ending == .exit(1))
    let text = outcome.errorText
    try #require(text.contains(": killed for exceeding its limit of 100 processes"), "\(text)")
    try record("processes", "a program that starts processes without end")
    #expect(text.contains("\n  help: raise the limit with --stage-processes\n"), "\(text)")
  }

  @Test func `what stays below the limits is left alone`() throws {
    let steps = ["linger one", "linger two", "sleep 300", "write /end x"]
    let outcome = try outcome(steps, ["--stage-memory", "100MiB", "--stage-processes", "20"])
    #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
  }

  @Test(arguments: [["--stage-processes", "0"], ["--stage-memory", "much"]])
  func `limits are numbers`(options: [String]) throws {
    #expect(try outcome(["write /end x"], options).ending == .exit(2))
  }

  /// Whether a process can be started in a control group of version 2; what controllers there are does not matter.
  @Test func `a program can be in a control group from its first moment`() throws {
    let places = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
    guard let place = places.first(where: { Mount.kind(of: $0) == 0x6367_7270 }) else { return }
    let path = "\(place)/particle-test-\(getpid())"
    guard mkdir(path, 0o755) == 0 else { return }
    defer { rmdir(path) }
    let group = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
    let given = try FileDescriptor.inMemory(Array("given\n".utf8))
    var command = Command(
      ["sh", "-c", "cat <&5; grep ^0:: /proc/self/cgroup; echo $A; exit 7"],
      environment: ["A": "b"], descriptors: [5: given.raw])
    command.controlGroup = group.raw
    let outcome = try command.run()
    #expect(outcome.ending == .exit(7), "\(outcome.errorText)")
    #expect(outcome.text == "given\n0::/particle-test-\(getpid())\nb\n")
  }
}
