import Hashing
import JSON
import Model
import Processes
import Runner
import TestSupport
import Testing

/// Manifests that somebody has made with care: each is refused as a whole, before anything is done.
@Suite struct ManifestAttackTests {
  private func draft() -> Draft {
    var draft = Draft()
    draft.pipeline("os", [inTree("write /end x")])
    draft.export("end", from: "os", "/end")
    return draft
  }

  /// What is said of a manifest; empty where it is taken.
  private func said(of text: String) -> String {
    do {
      _ = try Manifest.read(Array(text.utf8), file: "m.json")
      return ""
    } catch { return Report.text(of: error).text }
  }

  private func said(_ change: (inout Draft) -> Void) -> String {
    var draft = draft()
    change(&draft)
    return said(of: draft.text)
  }

  @Test(
    "names of exports are names of files",
    arguments: [
      "../x", "/tmp/x", "a\nb", String(repeating: "x", count: 300), "SHA256SUMS", "", ".", "..",
      "a\u{1b}[31mb", "a\u{9b}31mb", "../\u{301}evil", "a/\u{301}", "a\u{202e}gpj.exe",
    ])
  func exports(name: String) {
    let text = said { $0.export(name, from: "os", "/end") }
    #expect(text.contains("is not a valid file name for an export"), "\(text)")
    #expect(!text.utf8.contains(0x1b) && !text.contains("\u{202e}"))
  }

  @Test(arguments: ["ok.txt", String(repeating: "y", count: 255), "-rf", "a\\b", "caf\u{e9}"])
  func `other names of exports are taken`(name: String) {
    #expect(said { $0.export(name, from: "os", "/end") } == "")
  }

  @Test(
    "paths of exports are paths in a tree",
    arguments: [
      "/../../../etc/hostname", "etc/hostname", "/etc/../big", "/./big",
      "/x/../\u{301}/../etc/hostname",
      "/..\u{002f}\u{301}listing", "", "/" + String(repeating: "x", count: 256),
      String(repeating: "/x", count: 3000),
    ])
  func paths(path: String) {
    #expect(
      said { $0.export("o", from: "os", path) }.contains("not a valid absolute path in a tree"))
  }

  @Test(
    "types of stages, and names of inputs, pipelines and sources",
    arguments: ["../x", "..", "/bin/sh", "tar.product/\u{301}x", "", "a\nb", "a:b,c\\d", "\u{e9}"])
  func names(name: String) {
    let wrong = "is not a valid name of"
    #expect(said { $0.manifest.pipelines[0].stages[0].type = name }.contains(wrong + " a stage"))
    #expect(
      said { $0.manifest.pipelines[0].stages[0].inputs = [name: .sources([])] }
        .contains(wrong + " an input"))
    #expect(said { $0.manifest.pipelines[0].name = name }.contains(wrong + " a pipeline"))
    #expect(said { $0.manifest.recipe.name = name }.contains(wrong + " a recipe"))
    guard name.has("/") || name.isEmpty || name.isSame(as: "..") || name.has("\n") else { return }
    #expect(said { _ = $0.source(name, [1], urls: []) }.contains("is not a valid file name"))
  }

  @Test func `two sources of an input whose names are spelt differently are two`() {
    let text = said { draft in
      let one = draft.source("caf\u{e9}", [1], urls: [])
      let other = draft.source("cafe\u{301}", [2], urls: [])
      draft.pipeline("p", [inTree("write /a b", inputs: ["i": .sources([one, other])])])
    }
    #expect(text == "")
  }

  @Test func `keys that differ only in spelling are refused`() {
    let text = said {
      $0.export("caf\u{e9}", from: "os", "/end")
    }
    #expect(text == "")
    let twin = draft().text.replacing(
      "\"exports\": {",
      with: """
        "exports": {"\u{e9}": {"pipeline": "os", "path": "/end"}, \
        "e\u{301}": {"pipeline": "os", "path": "/end"},
        """)
    #expect(said(of: twin).contains("the two differ only in how 'é' is encoded"))
  }

  @Test func `sizes that no file has, and their sums, are refused`() {
    for size in [-1, Int.max, 1 << 62] {
      let text = said {
        $0.manifest.sources[SHA256.digest([9])] = .download(
          Source.Download(name: "x", size: size, urls: []))
      }
      #expect(text.contains("\(size) is out of range"))
    }
  }

  @Test func `what is to be downloaded is summed without overflowing`() throws {
    for (count, status) in [(60, 0), (200, 2)] as [(Int, Int32)] {
      try sum(of: count, endsWith: status)
    }
  }

  /// Plans downloads of 16 TiB each; more than 1 PiB is too much for any build.
  private func sum(of count: Int, endsWith status: Int32) throws {
    var draft = draft()
    var digests: [Digest] = []
    for number in 0..<count {
      let digest = SHA256.digest([UInt8(number)])
      draft.manifest.sources[digest] = .download(
        Source.Download(name: "\(number)", size: 1 << 44, urls: ["http://127.0.0.1:1/"]))
      digests.append(digest)
    }
    draft.pipeline("p", [inTree("write /a b", inputs: ["i": .sources(digests)])])
    draft.export("p", from: "p", "/a")
    try Scene.with { scene in
      let outcome = try scene.run(draft, ["--plan"])
      #expect(outcome.ending == .exit(status), "\(outcome.errorText)")
      #expect(
        status == 0
          ? outcome.text.hasSuffix("60 files to fetch (983040.0 GiB)\n")
          : outcome.errorText.contains("the sources are larger than 1 PiB in total"))
    }
  }

  @Test(arguments: ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z"])
  func `an epoch that files cannot have is refused`(epoch: String) throws {
    let time = try #require(Timestamp(epoch))
    #expect(
      said { $0.manifest.epoch = time }
        .contains("\(epoch) is not a time that every file system can hold"))
  }

  @Test(
    "what is no JSON of a manifest is refused",
    arguments: [
      (#""version": 1"#, #""version": 1, "version": 1"#), (#""version": 1"#, #""version": 1.0"#),
      (#""version": 1"#, #""version": 99999999999999999999"#),
      (#""version": 1"#, #""version": 1, "extra": 1"#), (#""end""#, #""\ud800""#),
      (#""end""#, #""a\u0000b""#), ("{\n  \"arch", "\u{feff}{\n  \"arch"), ("1\n}\n", "1\n}\nx"),
      ("1\n}\n", "1\n"),
      (
        #""version": 1"#,
        #""version": 1, "x": "# + String(repeating: "[", count: 2040)
          + String(repeating: "]", count: 2040)
      ),
    ])
  func documents(part: String, other: String) {
    let text = draft().text
    let changed = text.replacing(part, with: other)
    #expect(changed != text)
    #expect(said(of: changed).hasPrefix("error: m.json: "))
  }

  @Test func `wrong options of a stage that is known are refused before anything runs`() {
    func script(_ options: [(String, Node)]) -> String {
      said { draft in
        draft.pipeline(
          "p", [Draft.Step(type: "script", options: .object(options), inputs: [:])])
      }
    }
    #expect(script([("script", .string("id"))]) == "")
    #expect(
      script([("script", .string("id")), ("interpreter", .list([]))])
        .hasPrefix("error: m.json: pipelines[1].stages[0].options.interpreter: "))
    for name in ["", "A=B", "a b", "1", "\u{e9}"] {
      let text = script([
        ("script", .string("id")), ("environment", .object([(name, .string("x"))])),
      ])
      #expect(text.contains("'\(name)' is not a valid name of a variable"))
    }
    #expect(script([("script", .string("id")), ("surprise", .integer(1))]).contains("unknown key"))
  }

  @Test func `thousands of pipelines are read in no time`() throws {
    var draft = draft()
    draft.pipeline("p0", [inTree("write /a b")])
    for number in 1..<3000 { draft.pipeline("p\(number)", base: "p\(number - 1)", []) }
    draft.export("a", from: "p2999", "/a")
    let text = draft.text
    let seconds = processorSeconds { #expect(said(of: text) == "") }
    #expect(seconds < 20)
  }

  @Test func `an export is asked for by its bytes`() throws {
    var draft = draft()
    draft.export("caf\u{e9}", from: "os", "/end")
    let plan = try Plan(draft.manifest, exports: ["caf\u{e9}"])
    #expect(plan.exports.count == 1)
    #expect(throws: Refusal.self) { try Plan(draft.manifest, exports: ["cafe\u{301}"]) }
  }

  @Test func `a log shows no escapes, and lines are lines`() {
    let id = SHA256.digest([])
    let stage = Stage(id: id, type: "script", version: 1, options: .object([]), inputs: [:])
    let failure = StageFailure(
      StagePlace(pipeline: "os", index: 0, stage: stage), key: id, ending: .exit(1),
      starved: OutOfMemory.Finding(victims: [], isCertain: false),
      text: "a\r\nb\u{9b}31m\n\u{202e}c\td\n\u{1b}[1;31mred\u{1b}[m \u{1b}", log: "/l")
    #expect(failure.lastLines == ["a", #"b\u{9b}31m"#, #"\u{202e}c d"#, "red "])
  }
}
