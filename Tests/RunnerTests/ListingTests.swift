import Files
import Model
import Runner
import Testing
import Trees

@Suite struct ListingTests {
  private static let zero = String(repeating: "0", count: 64)
  private let text = """
    particle listing 1
    d 0755 0 0 9 - .
    d 1777 0 0 9.5 opaque a\\040b
    f 4751 77 78 5 12 \(zero) bin user.a=b=616263 user.b=
    h bin bin2
    b 0660 0 6 9 8:1 disk
    l 0777 0 0 9 ../a\\134b link
    p 0644 0 0 9 pipe
    s 0644 0 0 9 socket
    w whiteout

    """

  @Test func `what is written can be read`() throws {
    let listing = try #require(Listing(text: text))
    #expect(listing.text == text)
    #expect(listing.entries[2].attributes[0].name == "user.a=b")
    #expect(listing.entries[1].path == "a b")
  }

  @Test(arguments: ["", "x", "particle listing 1\nf 0644 0 0 1 x y z", "particle listing 1\nw"])
  func `anything else is refused`(text: String) { #expect(Listing(text: text) == nil) }

  @Test func `differences are named by kind`() throws {
    func listing(_ lines: String...) throws -> Listing {
      try #require(Listing(text: "particle listing 1\n" + lines.map { $0 + "\n" }.joined()))
    }
    let one = String(repeating: "1", count: 64)
    let first = try listing(
      "f 0644 0 0 1 3 \(Self.zero) a", "f 0644 0 0 1 3 \(Self.zero) b", "l 0777 0 0 1 x c",
      "d 0755 0 0 1 - d", "w e", "h a g")
    let second = try listing(
      "f 0600 1 0 2 3 \(one) a user.x=00", "l 0777 0 0 1 x b", "l 0777 0 0 1 y c",
      "d 0755 0 0 1 - d", "w f", "f 0644 0 0 1 3 \(one) g")
    let kinds = FileDifference.between(first, and: second).map { difference in
      "\(difference.path): \(difference.kinds.map(\.rawValue).joined(separator: " "))"
    }
    #expect(
      kinds == [
        "a: content mode owner time xattr", "b: kind", "c: link target", "e: missing", "f: extra",
        "g: link target",
      ])
  }

  @Test func `an excerpt shows where files part`() throws {
    try Scene.with { scene throws in
      func excerpt(_ first: [UInt8], _ second: [UInt8]) throws -> [String] {
        try Files.write(first, to: scene.folder + "/1")
        try Files.write(second, to: scene.folder + "/2")
        return try Excerpt(of: scene.folder + "/1", and: scene.folder + "/2").lines
      }
      #expect(
        try excerpt(Array("a\nb\nc\n".utf8), Array("a\nx\ny\nc\n".utf8))
          == ["@@ line 2 @@", "-b", "+x", "+y"])
      let many = (1...9).map { "\($0)\n" }.joined()
      #expect(
        try excerpt(Array(many.utf8), Array("0\n".utf8))
          == ["@@ line 1 @@", "-1", "-2", "-3", "-4", "+0", "(and 5 more lines)"])
      #expect(try excerpt([0, 1, 2], [0, 1, 3]) == ["first differing byte: 2"])
      #expect(
        try excerpt([0, 1], [0, 1, 3]) == ["first differing byte: 2", "sizes: 2 and 3 bytes"])
    }
  }
}
