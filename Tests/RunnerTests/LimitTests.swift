import Model
import Processes
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
    #expect(text.contains(": killed for memory (limit 100.0 MiB)"), "\(text)")
    #expect(text.contains("\n  help: give stages more with --stage-memory\n"), "\(text)")
  }

  @Test func `a stage that starts processes without end is stopped, and it is said why`() throws {
    let outcome = try outcome(["multiply 200"], ["--stage-processes", "100"])
    #expect(outcome.ending == .exit(1))
    let text = outcome.errorText
    #expect(text.contains(": killed at the limit of 100 processes"), "\(text)")
    #expect(text.contains("\n  help: give stages more with --stage-processes\n"), "\(text)")
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
}
