import Files
import Model
import Testing
import Trees

/// The names of two files that people read alike, and Swift's `String` takes for one.
let (composed, decomposed): (ByteString, ByteString) = ("a\u{e9}", "ae\u{301}")

extension Listing.Entry {
  init(_ path: ByteString, _ kind: Listing.Kind) {
    self.init(
      path: path, kind: kind, mode: 0, owner: 0, group: 0,
      modified: Listing.Moment(seconds: 0, nanoseconds: 0), attributes: [])
  }
}

@Suite struct ListingNameTests {
  private static let names: [ByteString] = [
    composed, decomposed, "a\u{fffd}", ByteString([0x61, 0xff, 0x62]), ByteString([0xc3]),
    ByteString([0xc3, 0x28]), ByteString([0xed, 0xa0, 0x80]), ByteString([0xf4, 0x90, 0x80, 0x80]),
    ByteString([0xc0, 0xaf]), ByteString([0x80]), "\\303", "a b", "\n", "\u{1b}[31m", "\u{9b}31m",
    ".wh.a", ".wh..wh..opq", "..a", "-",
  ].sorted()

  @Test func `names are bytes, and are read back as they were`() throws {
    let listing = Listing(Self.names.map { Listing.Entry("d/" + $0, .whiteout) })
    #expect(listing.text.utf8.split(separator: UInt8(ascii: "\n")).count == Self.names.count + 1)
    let again = try #require(Listing(text: Array(listing.text.utf8)))
    #expect(again.entries.map(\.path) == Self.names.map { "d/" + $0 })
    for name in Self.names {
      #expect(Listing.lines(of: "d/" + name, in: Array(listing.text.utf8)).count == 1)
    }
  }

  @Test func `only what was no text before is written in another way`() {
    func line(_ path: ByteString) -> String {
      let text = Listing([Listing.Entry(path, .whiteout)]).text
      return String(text.dropFirst("particle listing 1\nw ".count).dropLast())
    }
    #expect(line("usr/é \\x\t") == "usr/é\\040\\134x\\011")
    #expect(line("a\u{9b}") == "a\u{9b}")
    #expect(line(ByteString([0x61, 0xff, 0xc3, 0xa9, 0xc3])) == "a\\377é\\303")
  }

  @Test(arguments: ["", "/a", "a/", "a//b", "../a", "a/../b", "./a", "a\\000b", "a/."])
  func `a path that is none within a tree is refused`(path: String) {
    #expect(Listing(text: "particle listing 1\nw \(path)\n") == nil)
  }

  @Test func `links and attributes have names of bytes, too`() throws {
    var link = Listing.Entry("l", .link(target: ByteString([0xff])))
    link.attributes = [ExtendedAttribute(name: ByteString([0x75, 0xfe]), value: [1])]
    let listing = Listing([
      link, Listing.Entry("m", .hardLink(to: ByteString([0xff, 0x2f, 0x61]))),
    ])
    #expect(Listing(text: Array(listing.text.utf8)) == listing)
  }

  @Test func `two spellings of a name are two files`() {
    let one = Listing([Listing.Entry(composed, .pipe)])
    let other = Listing([Listing.Entry(decomposed, .pipe)])
    #expect(
      FileDifference.between(one, and: other)
        == [
          FileDifference(path: decomposed, kinds: [.extra]),
          FileDifference(path: composed, kinds: [.missing]),
        ])
    let both = Listing([Listing.Entry(composed, .pipe), Listing.Entry(decomposed, .pipe)])
    #expect(FileDifference.between(both, and: both) == [])
  }

  @Test func `a file is found by any of its names`() throws {
    let digest = String(repeating: "0", count: 64)
    let text = Array("particle listing 1\nf 0644 0 0 1 3 \(digest) a\nh a b\nh c c\nh d b2\n".utf8)
    #expect(Listing.file("b", in: text)?.size == 3)
    #expect(Listing.file("c", in: text) == nil && Listing.file("b2", in: text) == nil)
  }

  @Test func `numbers that nothing can hold are no reason to fall over`() {
    let digest = String(repeating: "0", count: 64)
    let line = "f 0644 0 0 1 9223372036854775807 \(digest) a\n"
    #expect(Listing.size(of: Array("particle listing 1\n\(line)\(line)".utf8)).bytes == Int.max)
    #expect(Listing(text: "particle listing 1\nf 0644 0 0 1 -1 \(digest) a\n") == nil)
    #expect(
      Listing(text: "particle listing 1\nf 0644 0 0 1 99999999999999999999 \(digest) a") == nil)
  }
}
