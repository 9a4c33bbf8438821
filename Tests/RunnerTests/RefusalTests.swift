import Files
import Hashing
import Model
import Processes
import Runner
import Testing

@Suite struct RefusalTests {
  private func draft() -> Draft {
    var draft = Draft()
    draft.pipeline("os", [inTree("write /end x"), inTree("write /end y")])
    draft.export("end", from: "os", "/end")
    return draft
  }

  /// What is said of a manifest.
  private func refusal(_ change: (inout Manifest) -> Void) -> String {
    var draft = draft()
    change(&draft.manifest)
    do {
      _ = try Manifest.read(Array(draft.text.utf8), file: "m.json")
      return ""
    } catch { return Report.text(of: error).text }
  }

  private let remedy =
    "  help: compile the recipe again; manifests are not meant to be edited by hand"

  @Test func `a manifest is taken as it was compiled`() { #expect(refusal { _ in } == "") }

  @Test func `one changed character of the options is noticed`() {
    let id = draft().manifest.pipelines[0].stages[1].id
    let text = refusal {
      $0.pipelines[0].stages[1].options = .object([("steps", .list([.string("write /end z")]))])
    }
    #expect(
      text.hasPrefix(
        """
        error: m.json: pipelines[0].stages[1].id: stage 1 of pipeline 'os', trial-in, is not what \
        its id says: the manifest has \(id), its content gives sha256:
        """))
    #expect(text.hasSuffix(remedy + "\n"))
  }

  @Test func `a changed epoch, version or type is noticed`() {
    #expect(refusal { $0.epoch.seconds += 1 }.contains("is not what its id says"))
    #expect(refusal { $0.pipelines[0].stages[0].version = 2 }.contains("is not what its id says"))
    #expect(refusal { $0.pipelines[0].stages[0].type = "x" }.contains("is not what its id says"))
    #expect(refusal { $0.pipelines[0].stages.removeFirst() }.contains("is not what its id says"))
  }

  @Test func `what is referred to must be there, and before`() {
    let digest = SHA256.digest([1])
    #expect(
      refusal { $0.pipelines[0].base = "ox" } == """
        error: m.json: pipelines[0]: the manifest has no pipeline 'ox'
        \(remedy)

        """)
    #expect(refusal { $0.pipelines[0].build = "os" }.contains("has to come before this one"))
    #expect(
      refusal { $0.pipelines.append($0.pipelines[0]) }.contains("two pipelines are named 'os'"))
    #expect(
      refusal { $0.pipelines[0].stages[0].inputs = ["a": .sources([digest])] }
        .contains("the manifest has no source \(digest)"))
    #expect(
      refusal { $0.pipelines[0].stages[0].inputs = ["a/b": .sources([])] }
        .contains("'a/b' is not a valid name of an input"))
    let lost = refusal { $0.exports["end"]?.pipeline = "x" }
    #expect(lost.contains("the manifest has no pipeline 'x'"))
    let outside = refusal { $0.exports["end"]?.path = "/../x" }
    #expect(outside.contains("not a valid absolute path"))
    #expect(
      refusal { $0.sources[digest] = .inline(Source.Inline(name: "../x", inline: "")) }
        .contains("'../x' is not a valid file name"))
  }

  @Test func `a stage that is not there, or of another version, is refused`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [Draft.Step(type: "trail-in", options: .object([]), inputs: [:])])
      draft.export("end", from: "os", "/end")
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(2))
      #expect(outcome.errorText.contains("no stage is named 'trail-in'"))
      #expect(outcome.errorText.contains("did you mean 'trial-in'?"))
    }
  }

  @Test(arguments: [["--jobs", "0"], ["--nonsense"], ["-q", "-v"], ["--export"]])
  func `wrong arguments end with status 2`(options: [String]) throws {
    try Scene.with { scene in
      let outcome = try scene.run(draft(), options)
      #expect(outcome.ending == .exit(2))
    }
  }

  @Test func `a manifest that is not there, or is no JSON, ends with status 2`() throws {
    try Scene.with { scene in
      let program = Scene.programs + "/particle-run"
      #expect(try Command([program, "/nowhere.json"]).run().ending == .exit(2))
      let outcome = try Command([program, "-"], input: Array("{".utf8)).run()
      #expect(outcome.ending == .exit(2) && outcome.errorText.contains("invalid JSON"))
    }
  }
}
