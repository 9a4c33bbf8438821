import Compiler
import Files
import Model
import Testing

/// Every recipe in `Refusals` is refused, with the text that stands beside it.
@Suite struct RefusalTests {
  static let folder = "Tests/CompilerTests/Refusals"

  static let cases: [String] = {
    let names = (try? Files.names(in: "\(root)/\(folder)")) ?? []
    return names.filter { $0.hasSuffix(".yml") }
  }()

  @Test(arguments: cases) func `refuses with its whole text`(_ name: String) throws {
    let refusal = #expect(throws: Refusal.self) {
      try Recipe.read("\(root)/\(Self.folder)/\(name)")
    }
    let report = Report(colour: false)
    let text = try #require(refusal).diagnostics.map { diagnostic in
      report.text(diagnostic) { try? Files.readText($0) }
    }.joined(separator: "\n")
    let seen = text.replacing("\(root)/\(Self.folder)/", with: "")
      .replacing("\(root)/".dropFirst(), with: "/")
    try expectGolden(seen, "\(Self.folder)/\(name.dropLast(4)).txt")
  }

  @Test func `there are cases`() { #expect(Self.cases.count >= 60) }

  @Test func `tells a missing recipe`() {
    let refusal = #expect(throws: Refusal.self) { try Recipe.read("no/such.yml") }
    #expect(
      refusal?.diagnostics.first?.problem == "cannot read 'no/such.yml': No such file or directory")
  }

  @Test func `colours and JSON say the same`() throws {
    let diagnostic = Diagnostic(
      "unknown key 'nmae'", at: Mark(file: "r.yml", line: 2, column: 3, length: 4),
      path: "modules[0]", remedy: "did you mean 'name'?")
    let coloured = Report(colour: true).text(diagnostic) { _ in "a: b\n  nmae: x\n" }
    let plain = Report(colour: false).text(diagnostic) { _ in "a: b\n  nmae: x\n" }
    let pattern = try Regex("\u{1b}\\[[0-9;]*m")
    #expect(coloured.replacing(pattern, with: "") == plain)
    #expect(
      String(decoding: Report.json([diagnostic]).canonicalBytes, as: UTF8.self)
        == #"[{"column":3,"file":"r.yml","length":4,"line":2,"path":"modules[0]","#
        + #""problem":"unknown key 'nmae'","remedy":"did you mean 'name'?","severity":"error"}]"#)
  }

  @Test func `shows no control characters of a recipe`() {
    let diagnostic = Diagnostic("bad \u{1b}[2J", at: Mark(file: "r.yml", line: 1, column: 1))
    let text = Report(colour: false).text(diagnostic) { _ in "\u{1b}]0;x\u{7} \u{202e}abc" }
    #expect(!text.unicodeScalars.contains { ["\u{1b}", "\u{7}", "\u{202e}"].contains($0) })
  }
}
