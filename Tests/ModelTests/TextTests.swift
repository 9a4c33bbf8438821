import Model
import Testing

/// Names are bytes; what people are shown of them is a text on one line.
@Suite struct TextTests {
  @Test("two spellings of one letter are two names")
  func spellings() {
    let composed = ByteString("\u{e9}")
    let decomposed = ByteString("e\u{301}")
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
    #expect([composed, decomposed].sorted() == [decomposed, composed])
  }

  @Test("a slash with a combining mark is a slash")
  func marks() {
    #expect(ByteString("../\u{301}x").names == ["..", "\u{301}x"])
    #expect(ByteString("a/\u{301}").lastName == ByteString([0xcc, 0x81]))
  }

  @Test(
    "what is shown moves nothing on a terminal",
    arguments: [
      ([UInt8("a"), UInt8("b")], "ab"),
      (Array("caf\u{e9} \u{1f600}".utf8), "caf\u{e9} \u{1f600}"),
      (Array("a\nb\tc\r".utf8), #"a\nb\tc\r"#),
      (Array("\u{1b}[2J\u{7f}\u{9b}31m".utf8), #"\u{1b}[2J\u{7f}\u{9b}31m"#),
      (Array("a\u{202e}gpj.exe\u{2069}\u{feff}".utf8), #"a\u{202e}gpj.exe\u{2069}\u{feff}"#),
      ([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82], #"a\xff\xc3(\xe2\x82"#),
      ([0xed, 0xa0, 0x80], #"\xed\xa0\x80"#),
    ] as [([UInt8], String)])
  func shownText(bytes: [UInt8], text: String) {
    #expect(shown(bytes) == text)
    #expect(ByteString(bytes).description == text)
  }

  @Test(
    "a shell reads a word back",
    arguments: [
      ("", "''"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("-x=/y", "-x=/y"), ("a\nb", "'a\nb'"),
      ("'\u{301}$(id)", "''\\''\u{301}$(id)'"),
    ])
  func shell(word: String, quoted: String) {
    #expect(Array(shellWord(word).utf8) == Array(quoted.utf8))
  }

  @Test func `Markdown in a text is escaped, and cannot end a block`() {
    #expect(Markdown.text("a|b `c` <d>\n") == #"a\|b \`c\` \<d\>\\n"#)
    #expect(Markdown.table(["x"], [["1 | 2"]]) == "| x |\n| --- |\n| 1 \\| 2 |")
    #expect(Markdown.code("a\n```\nb", language: "text") == "````text\na\n```\nb\n````")
    #expect(Markdown.code("a\n", language: "diff") == "```diff\na\n```")
  }
}

extension UInt8 {
  fileprivate init(_ letter: Unicode.Scalar) { self.init(ascii: letter) }
}
