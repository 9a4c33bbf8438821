import Hashing
import JSON
import Model
import Testing

/// What decides about names and texts are their bytes, wherever a document has them.
@Suite struct NameTests {
  private let composed = "caf\u{e9}"
  private let decomposed = "cafe\u{301}"

  @Test func `questions about a text are answered by its bytes`() {
    #expect(composed == decomposed && !composed.isSame(as: decomposed))
    #expect("/\u{301}".has("/") && !"/\u{301}".contains("/" as Character))
    #expect("../\u{301}x".parts(at: "/") == ["..", "\u{301}x"])
    #expect("/a//b/".parts(at: "/", keepingEmpty: true) == ["", "a", "", "b", ""])
    #expect("a:b:c".parts(at: ":", limit: 2) == ["a", "b:c"])
    #expect("a\r\nb".parts(at: "\n") == ["a\r", "b"])
    #expect("K=\u{301}x".cut(at: "=")?.before == "K")
    #expect("a/b/c".cut(atLast: "/")?.before == "a/b" && "abc".cut(at: "/") == nil)
    #expect("x/\u{301}".begins(with: "x/") && "x/\u{301}".ends(with: "/\u{301}"))
    #expect(![composed].has(decomposed) && [composed].has(composed))
    #expect([composed, decomposed].inByteOrder().map { Array($0.utf8).count } == [6, 5])
  }

  @Test func `two spellings are told apart`() throws {
    let found = try #require(spellings(composed, decomposed))
    #expect(found.first == "U+00E9" && found.second == "U+0065 U+0301")
    #expect(spellings(composed, composed) == nil && spellings("a", "b") == nil)
  }

  @Test func `values are the same when their bytes are`() {
    #expect(Node.string(composed) != Node.string(decomposed))
    #expect(Node.object([(composed, .bool(true))]) != Node.object([(decomposed, .bool(true))]))
    #expect(Node.object([(composed, .bool(true))])[decomposed] == nil)
    #expect(
      Node.object([("a", .list([.integer(1)]))]) == Node.object([("a", .list([.integer(1)]))]))
  }

  @Test func `keys that differ only in spelling are refused, and never are one in silence`() {
    let text = "{\"x\": {\"\(composed)\": 1, \"\(decomposed)\": 2}}"
    let error = #expect(throws: Diagnostic.self) { try JSON.parse(Array(text.utf8), file: "m") }
    #expect(
      error?.description == """
        m: x: duplicate key '\(decomposed)': the two differ only in how 'é' is encoded
          help: it is already there, with U+00E9, and here with U+0065 U+0301: keep one of them, or \
        choose another name
        """)
    var problems = Problems()
    let node = Node.object([(composed, .string("a")), (decomposed, .string("b"))])
    #expect(Schema<[String: String]>.map(of: .string).decode(node, &problems) == nil)
    #expect(problems.diagnostics.count == 1)
  }

  @Test func `a choice and a key of a schema are not another spelling of it`() {
    // The sign of kelvin is a K to Swift.
    #expect(ByteSize("1\u{212a}iB") == nil && ByteSize("1KiB") != nil)
    #expect(Digest("sha256:\u{301}" + String(repeating: "0", count: 64)) == nil)
  }

  @Test(
    "names of files are what the kernel takes and a terminal shows",
    arguments: [
      ("a.raw", true), ("-rf", true), ("a\\b", true), ("caf\u{e9}", true), ("..a", true),
      (String(repeating: "y", count: 255), true), (String(repeating: "y", count: 256), false),
      (String(repeating: "\u{e9}", count: 128), false), ("", false), (".", false), ("..", false),
      ("a/b", false), ("../\u{301}evil", false), ("/\u{301}", false), ("a\nb", false),
      ("a\u{1b}[31mb", false), ("a\u{9b}31mb", false), ("a\u{202e}gpj.exe", false),
      ("a\u{200b}", false), ("\u{e0041}", false),
    ])
  func fileNames(name: String, isRight: Bool) {
    #expect((fileNameFlaw(name) == nil) == isRight)
    var problems = Problems()
    #expect((Schema<String>.fileName.decode(.string(name), &problems) != nil) == isRight)
  }

  @Test(
    "names of pipelines are letters, digits and little else",
    arguments: [
      ("os", true), ("disk.raw", true), ("a_b+c-d", true), ("", false), (".a", false),
      ("-a", false), ("a b", false), ("a/b", false), ("a\u{301}", false), ("caf\u{e9}", false),
      ("a'b", false), ("a\nb", false), (String(repeating: "a", count: 129), false),
    ])
  func pipelines(name: String, isRight: Bool) {
    var problems = Problems()
    #expect((Pipeline.nameSchema.decode(.string(name), &problems) != nil) == isRight)
    #expect(problems.diagnostics.isEmpty == isRight)
  }

  @Test func `JSON is nested so deep and no deeper`() throws {
    func parsed(_ depth: Int) throws -> Node {
      let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      return try JSON.parse(Array(text.utf8), file: "m")
    }
    _ = try parsed(JSON.depthLimit)
    let error = #expect(throws: Diagnostic.self) { try parsed(JSON.depthLimit + 1) }
    #expect(error?.problem == "too many nested levels")
    #expect(throws: Diagnostic.self) { try parsed(100_000) }
  }

  @Test func `pretty JSON has nothing that a terminal obeys, and the same meaning`() throws {
    let text = "\u{1b}[2J \u{9b}31m \u{202e}x \u{7f} caf\u{e9} \u{1f600}\n"
    let node = Node.object([("k", .string(text))])
    let pretty = node.prettyText
    #expect(pretty.contains(#"\u001b[2J \u009b31m \u202ex \u007f café 😀\n"#))
    #expect(try JSON.parse(node.prettyBytes, file: "m") == node)
    // What ids are hashed from stays as it was.
    #expect(node.canonicalBytes.starts(with: Array(#"{"k":"\u001b[2J "#.utf8) + [0xc2, 0x9b]))
  }

  @Test func `sums of sizes do not overflow`() {
    #expect(ByteCount.sum(of: [1, 2, 3]) == 6)
    #expect(ByteCount.sum(of: [Int.max, Int.max, 1]) == 1 << 50)
    #expect(ByteCount.sum(of: [-5, 2]) == 2)
  }
}

/// What went wrong is told on lines of ours, whatever is in the names.
@Suite struct ErrorTextTests {
  @Test func `a failure shows names and causes from elsewhere without what a terminal obeys`() {
    let failure = Failure(
      "read", "a\nerror: forged\u{1b}[2J", cause: "it said \u{9b}31m\nerror: also forged\r\n  more",
      remedy: "move '\u{202e}x'")
    #expect(
      failure.description == #"""
        cannot read a\nerror: forged\u{1b}[2J: it said \u{9b}31m
          error: also forged
          more
          help: move '\u{202e}x'
        """#)
  }

  @Test func `a diagnostic is told on one line`() {
    let diagnostic = Diagnostic(
      "there is no '\u{1b}]0;x\u{7}\nerror: forged'",
      at: Mark(file: "a\nb", line: 1, column: 1), path: "exports.\u{202e}x", remedy: "a\nb")
    #expect(
      diagnostic.description == #"""
        a\nb: exports.\u{202e}x: there is no '\u{1b}]0;x\u{7}\nerror: forged'
          help: a
          b
        """#)
  }

  @Test func `lines stay lines`() {
    #expect(shownLines("a\r\nb\n\tc\u{1b}") == "a\nb\n\\tc\\u{1b}")
    #expect(shownLines("a\nb\n  c\n", indented: true) == "a\n  b\n  c\n")
  }
}
