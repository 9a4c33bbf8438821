import Hashing
import JSON
import Model
import Testing

@Suite struct ValueTests {
  @Test func `SHA-256 gives the published vectors`() {
    // NIST FIPS 180-4, "abc"; and the empty message.
    #expect(
      SHA256.digest(Array("abc".utf8)).hex
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256.digest([]).description
        == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func `digests are 64 lower-case digits`() {
    let hex = SHA256.digest([]).hex
    #expect(Digest("sha256:" + hex)?.hex == hex)
    for text in ["", hex, "sha256:", "sha256:" + hex.uppercased(), "sha256:\(hex)0", "md5:" + hex] {
      #expect(Digest(text) == nil, "\(text)")
    }
  }

  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-09-12T00:00:00Z", 1_789_171_200),
    ("2000-02-29T23:59:59Z", 951_868_799), ("1969-12-31T23:59:59Z", -1),
    ("2026-09-12T02:00:00+02:00", 1_789_171_200), ("2026-09-11T19:30:00-04:30", 1_789_171_200),
  ])
  func `times read`(_ text: String, _ seconds: Int) { #expect(Timestamp(text)?.seconds == seconds) }

  @Test(arguments: [
    "", "2026-09-12", "2026-09-12 00:00:00Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-09-12T24:00:00Z", "2026-09-12T00:60:00Z", "2026-09-12T00:00:00", "2026-09-12T00:00:00z",
    "2026-09-12T00:00:00+0200", "2o26-09-12T00:00:00Z", "2026-09-12T00:00:00.5Z",
  ])
  func `what is no time is refused`(_ text: String) { #expect(Timestamp(text) == nil) }

  @Test func `times read back as they were written`() {
    for seconds in stride(from: -2_000_000_000, to: 5_000_000_000, by: 123_456_789) {
      let time = Timestamp(seconds: seconds)
      #expect(Timestamp(time.description) == time)
    }
  }

  @Test func `sizes`() {
    #expect(ByteSize("4GiB")?.bytes == 4 << 30)
    #expect(ByteSize(bytes: 3 << 20).description == "3MiB")
    #expect(ByteSize(bytes: 1 << 40).description == "1TiB")
    for text in ["4GB", "4 GiB", "GiB", "-1GiB", "1.5GiB", "+1GiB", "9999999999TiB", "4"] {
      #expect(ByteSize(text) == nil, "\(text)")
    }
  }

  @Test func `modes`() {
    #expect(FileMode("0644")?.bits == 0o644)
    #expect(FileMode("755")?.description == "0755")
    for text in ["", "64", "0888", "00644", "rw-"] { #expect(FileMode(text) == nil, "\(text)") }
  }

  @Test func `canonical JSON sorts by bytes and escapes the least`() throws {
    let node = Node.object([
      ("é", .integer(-1)), ("b", .list([.bool(true), Node(.null)])),
      ("a", .string("\"\\\n\u{1}é/")),
      ("B", .object([])),
    ])
    #expect(
      String(decoding: node.canonicalBytes, as: UTF8.self)
        == #"{"B":{},"a":"\"\\\n\u0001é/","b":[true,null],"é":-1}"#)
    #expect(try JSON.parse(node.canonicalBytes, file: "x").canonicalBytes == node.canonicalBytes)
    #expect(try JSON.parse(node.prettyBytes, file: "x").prettyBytes == node.prettyBytes)
  }

  @Test func `suggestions`() {
    #expect(suggestion(for: "packges", among: ["packages", "users"]) == "packages")
    #expect(suggestion(for: "password", among: ["password-hash", "name"]) == "password-hash")
    #expect(suggestion(for: "xyz", among: ["packages", "users"]) == nil)
    #expect(suggestion(for: "", among: ["a"]) == "a")
  }

  @Test func `numbers with a fraction are for reports only, and exact there`() throws {
    for (thousandths, text) in [
      (0, "0.0"), (1, "0.001"), (1500, "1.5"), (2000, "2.0"), (12_340, "12.34"), (-50, "-0.05"),
    ] {
      let node = Node.list([.decimal(thousandths: thousandths)])
      #expect(String(decoding: node.canonicalBytes, as: UTF8.self) == "[\(text)]")
      #expect(try JSON.parse(node.canonicalBytes, file: "x", allowsDecimals: true) == node)
      #expect(throws: Diagnostic.self) { try JSON.parse(node.canonicalBytes, file: "x") }
    }
  }
}
