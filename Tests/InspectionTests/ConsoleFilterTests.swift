import Boot
import Testing

@Suite struct ConsoleFilterTests {
  @Test(arguments: [
    ("plain \u{e9}\u{20ac}\u{1f600}\n".utf8.map { $0 }, "plain \u{e9}\u{20ac}\u{1f600}\n"),
    (Array("a\u{1b}[31mb\u{1b}]0;title\u{7}c".utf8), "abc"), (Array("a\u{9b}b".utf8), "ab"),
    // The two bytes of a control character, with others between them.
    ([0xc2, 0x00, 0x9b, 0x33], "3"), ([0xc2, 0x1b, 0x63, 0x9d, 0x30], "0"), ([0x9b, 0x41], "A"),
    ([0xc2, 0xc2, 0x9b, 0x41], "A"), ([0xc2, 0xa7, 0x9b, 0x41], "\u{a7}A"),
    ([0xe2, 0x82, 0xac, 0x9b, 0x41], "\u{20ac}A"),
  ])
  func `nothing that a terminal obeys comes through`(bytes: [UInt8], text: String) {
    var whole = ConsoleFilter()
    #expect(whole.shown(bytes[...]) == Array(text.utf8))
    // In pieces it is the same.
    var pieces = ConsoleFilter()
    #expect(bytes.flatMap { pieces.shown([$0][...]) } == Array(text.utf8))
  }
}
