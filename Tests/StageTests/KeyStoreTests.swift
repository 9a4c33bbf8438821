import Model
import Processes
import StageKit
import Testing

/// A store of certificates as Java has it.
@Suite struct KeyStoreTests {
  private func text(_ text: String) -> [UInt8] {
    [0, UInt8(text.utf8.count)] + Array(text.utf8)
  }

  private func digest(_ bytes: [UInt8], _ password: String) throws -> [UInt8] {
    let start = password.utf8.flatMap { [0, $0] } + Array("Mighty Aphrodite".utf8)
    let said = try Command(["openssl", "dgst", "-sha1", "-binary"], input: start + bytes)
      .runChecked()
    return said.output
  }

  /// Two certificates, each with a time of its own.
  private func store(_ time: UInt8, kind: UInt8 = 2, password: String = "changeit") throws
    -> [UInt8]
  {
    var bytes: [UInt8] = [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0, 0, 0, 2]
    for name in ["a", "debian:b.pem"] {
      bytes += [0, 0, 0, kind] + text(name)
      bytes += [0, 0, 1, 0x99, 0, 0, 0, time] + text("X.509")
      bytes += [0, 0, 0, 3, 1, 2, 3]
    }
    return bytes + (try digest(bytes, password))
  }

  private let epoch = Timestamp(seconds: 1_700_000_000)

  @Test func `whenever it was made, it has the time that is asked for`() throws {
    let first = try #require(try KeyStore(try store(1))?.dated(epoch, password: "changeit"))
    let second = try #require(try KeyStore(try store(2))?.dated(epoch, password: "changeit"))
    let size = try store(1).count
    #expect(first == second && first.count == size)
    // 1 700 000 000 000 milliseconds, after the name of the first entry.
    #expect(Array(first[19..<27]) == [0, 0, 0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00])
    let sum = try digest(Array(first.dropLast(20)), "changeit")
    #expect(Array(first.suffix(20)) == sum)
  }

  @Test func `other files, and stores with another password, are left alone`() throws {
    #expect(
      try KeyStore(try store(1, password: "secret"))?.dated(epoch, password: "changeit") == nil)
    let key = try store(1, kind: 1)
    #expect(KeyStore(key) == nil)
    let whole = try store(1)
    for count in 0..<whole.count { #expect(KeyStore(Array(whole.prefix(count))) == nil) }
    #expect(KeyStore(whole + [0]) == nil)
  }
}
