import Model
import Testing

/// Addresses are read by one reader, and no login stays in a text.
@Suite struct AddressTests {
  @Test func `an address is read to its parts`() throws {
    let address = try Address("HTTPS://Host.Example:8443/a/b?c#d")
    #expect(address.scheme == .https && address.host == "host.example" && address.port == 8443)
    #expect(address.path == "/a/b?c#d" && address.origin == "https://host.example:8443")
    #expect(try Address("http://a/").origin == Address("http://A:80").origin)
    #expect(try Address("http://a/").origin != Address("https://a:80/").origin)
    #expect(try Address("http://[::1]:5000/x").host == "[::1]")
    #expect(
      try Address("file:///a%20b/%c3").filePath == ByteString([0x2f, 0x61, 0x20, 0x62, 0x2f, 0xc3]))
    #expect(try Address("file:/a").filePath == "/a")
    #expect(try Address("file:///a%00").filePath == nil)
    #expect(try Address("file:///a%4").filePath == nil)
  }

  @Test(arguments: [
    "", "a", "//a", "http:", "http:/a", "http://", "http:///a", "ftp://a/", "http://a:0/",
    "http://a:65536/", "http://a:x/", "http://a b/", "http://a/\n", "http://a\\b/",
    "http://u@a/", "http://u:p@a/", "http://\u{e9}/", "http://a%2eb/", "file:a", "file://a/b",
  ])
  func `anything else is refused`(_ text: String) {
    #expect(throws: Address.Flaw.self) { try Address(text) }
  }

  @Test func `this machine is known by its addresses`() throws {
    for (host, isHere) in [
      ("127.0.0.1", true), ("127.9.9.9:80", true), ("[::1]", true), ("localhost", true),
      ("127.0.0.1.example", false), ("127.0.0.256", false), ("128.0.0.1", false),
      ("localhost.example", false),
    ] { #expect(try Address("http://\(host)/").isLoopback == isHere, "\(host)") }
  }

  @Test(arguments: [
    ("http://ann:secret@host/a", "http://***@host/a"),
    ("x 'https://ann@host'", "x 'https://***@host'"),
    ("http://a:b@c/ http://d:e@f/", "http://***@c/ http://***@f/"),
    ("http://ann:se/cret@host/", "http://***@host/"), ("http://a:b#c@host/", "http://***@host/"),
    ("http://a:b@c@host/", "http://***@host/"),
    ("http://host/a@b", "http://host/a@b"), ("http://host:80/a@b", "http://host:80/a@b"),
    ("docker://host/a:b@sha256:00", "docker://host/a:b@sha256:00"),
    ("docker://debian:trixie@sha256:00", "docker://debian:trixie@sha256:00"),
    ("docker://u:p@host/a@sha256:00", "docker://***@host/a@sha256:00"),
    ("http://u:p@sha256:00/", "http://***@sha256:00/"), ("ann@host", "ann@host"), ("://", "://"),
  ])
  func `a login is taken out of a text`(_ text: String, _ expected: String) {
    #expect(withoutLogins(text) == expected)
    #expect(withStarsForLogins(text).unicodeScalars.count == text.unicodeScalars.count)
    #expect(Failure("a", text, cause: text).description.contains("secret") == false)
  }

  @Test(arguments: [
    ("    password-hash: hunter2", "    password-hash: *******"),
    (
      "- {name: a, \"password-hash\": 'hunter2', uid: 1}",
      "- {name: a, \"password-hash\": *********, uid: 1}"
    ),
    ("{password-hash: a b}", "{password-hash: * *}"), ("password-hash", "password-hash"),
  ])
  func `what may be a password is not shown in a line`(_ line: String, _ expected: String) {
    #expect(withStarsForSecrets(line) == expected)
  }
}
