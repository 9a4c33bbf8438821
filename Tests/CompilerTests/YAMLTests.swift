import Model
import Testing
import YAML

@Suite struct YAMLTests {
  private func parsed(_ text: String) throws -> Node {
    try YAML.parse(Array(text.utf8), file: "t.yml")
  }

  private func problems(_ text: String) -> [String] {
    let refusal = #expect(throws: Refusal.self) { try parsed(text) }
    return refusal?.diagnostics.map(\.problem) ?? []
  }

  @Test(arguments: [
    ("true", Node.Value.bool(true)), ("false", .bool(false)), ("null", .null), ("~", .null),
    ("", .null), ("12", .integer(12)), ("-12", .integer(-12)), ("+7", .integer(7)),
    ("0644", .integer(644)), ("9223372036854775807", .integer(.max)),
    ("9223372036854775808", .string("9223372036854775808")), ("yes", .string("yes")),
    ("True", .string("True")), ("1.5", .string("1.5")), ("0x1f", .string("0x1f")),
    ("1e3", .string("1e3")), ("--1", .string("--1")),
    ("2026-09-12", .string("2026-09-12")), ("\"12\"", .string("12")), ("'true'", .string("true")),
    ("!!str 12", .string("12")), ("! 12", .string("12")), ("|\n  a\n  b\n", .string("a\nb\n")),
    ("\"\\u00e9\"", .string("é")),
  ])
  func `scalars`(_ text: String, _ value: Node.Value) throws {
    #expect(try parsed("key: \(text)")["key"]?.value == value)
  }

  @Test func `places of keys and values`() throws {
    let node = try parsed("é: 1\nlist:\n  - {b: \"two\"}\n")
    guard case .object(let members) = node.value, case .list(let items) = members[1].value.value
    else {
      Issue.record("not as expected")
      return
    }
    #expect(members[0].keyMark == Mark(file: "t.yml", line: 1, column: 1, length: 1))
    #expect(members[0].value.mark == Mark(file: "t.yml", line: 1, column: 4, length: 1))
    #expect(items[0]["b"]?.mark == Mark(file: "t.yml", line: 3, column: 9, length: 5))
  }

  @Test func `aliases repeat a value`() throws {
    let node = try parsed("a: &x [1, 2]\nb: *x\n")
    #expect(node["a"] == node["b"])
  }

  @Test func `an alias cannot mean what it is in`() {
    #expect(problems("a: &x [*x]") == ["unknown anchor 'x'"])
  }

  @Test func `a byte order mark is let pass`() throws {
    #expect(try parsed("\u{feff}a: 1")["a"]?.value == .integer(1))
  }

  @Test func `Windows line ends are line ends`() throws {
    #expect(try parsed("a: 1\r\nb: x\r\n")["b"]?.value == .string("x"))
  }

  @Test(arguments: [
    ("a: \"\\0\"", "a string cannot contain a NUL character"),
    ("? [a]\n: 1", "a key must be a plain string"),
    ("a: 1\na: 2", "duplicate key 'a'"),
    ("\u{0}", "a control character is not allowed here"),
    ("a: !!int 1", "the tag 'tag:yaml.org,2002:int' is not supported"),
  ])
  func `refuses`(_ text: String, _ problem: String) { #expect(problems(text) == [problem]) }

  @Test func `deep nesting ends early`() {
    for open in ["[", "{a: ", "- "] {
      let text = String(repeating: open, count: 100_000)
      #expect(problems(text).count == 1)
    }
  }

  @Test func `no bytes crash it`() {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("ab:-{}[],&*!|>'\"%@`#? \n\t\\0~\u{e9}".utf8) + [0xff, 0xc3, 0x00, 0x85]
    for _ in 0..<20_000 {
      let count = Int.random(in: 0..<40, using: &generator)
      let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
      _ = try? YAML.parse(bytes, file: "random")
    }
  }
}

@Suite struct MergeKeyTests {
  private func parsed(_ text: String) throws -> Node {
    try YAML.parse(Array(text.utf8), file: "t.yml")
  }

  @Test func `a merge key brings what is not there`() throws {
    let node = try parsed("a: &x {k: 1, l: 2}\nb: {l: 3, <<: *x}\nc:\n  <<: [{m: 4, k: 5}, *x]\n")
    #expect(node["b"]?["k"] == .integer(1) && node["b"]?["l"] == .integer(3))
    #expect(node["b"]?["<<"] == nil)
    // The first of several wins.
    #expect(node["c"]?["k"] == .integer(5) && node["c"]?["l"] == .integer(2))
  }

  @Test func `in quotes it is a key like others`() throws {
    #expect(try parsed("'<<': 1")["<<"] == .integer(1))
  }

  @Test(arguments: ["<<: 1", "<<: [1]", "<<:", "<<: {}\n<<: {}"])
  func `it merges mappings, once`(_ text: String) {
    #expect(throws: Refusal.self) { try parsed(text) }
  }

  @Test func `places are counted behind a byte order mark`() throws {
    #expect(try parsed("\u{feff}a: 1")["a"]?.mark?.column == 4)
  }
}
