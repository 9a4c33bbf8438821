package import Model
internal import Processes

/// A store of certificates of Java in its own format, JKS (sun.security.provider.JavaKeyStore), all numbers big-endian:
/// a mark, a version, a count, and for each entry its kind, its name, the time when it was added, and the certificate;
/// at the end a SHA-1 of the password, two words and all that was before.
package struct KeyStore {
  private var bytes: [UInt8]
  /// Where each entry has its time: milliseconds since 1970, in eight bytes.
  private var times: [Int] = []

  private static let digestSize = 20

  /// Nil for anything but a store of certificates.
  ///
  /// - Parameter bytes: The file.
  package init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    let end = bytes.count - Self.digestSize
    var position = 0
    func number(_ size: Int) -> Int? {
      guard size <= end - position else { return nil }
      defer { position += size }
      return bytes[position..<position + size].reduce(0) { $0 << 8 | Int($1) }
    }
    func skip(_ size: Int?) -> Bool {
      guard let size, size <= end - position else { return false }
      position += size
      return true
    }
    guard number(4) == 0xfeed_feed, number(4) == 2, let count = number(4), count <= 1 << 16 else {
      return nil
    }
    for _ in 0..<count {
      // 2 is a certificate; 1 is a private key, which no package should leave.
      guard number(4) == 2, skip(number(2)) else { return nil }
      times.append(position)
      guard skip(8), skip(number(2)), skip(number(4)) else { return nil }
    }
    guard position == end else { return nil }
  }

  /// The same with the time of each entry set.
  ///
  /// - Parameters:
  ///   - time: The time.
  ///   - password: Of the store.
  /// - Returns: The file; nil where it does not have the digest that this password gives.
  /// - Throws: When sha1sum(1) cannot be run.
  package func dated(_ time: Timestamp, password: String) throws(Failure) -> [UInt8]? {
    let end = bytes.count - Self.digestSize
    guard try Self.digest(bytes[..<end], password) == Array(bytes[end...]) else { return nil }
    var dated = Array(bytes[..<end])
    let milliseconds = UInt64(bitPattern: Int64(time.seconds * 1000))
    for place in times {
      for index in 0..<8 {
        dated[place + index] = UInt8(truncatingIfNeeded: milliseconds >> (8 * (7 - index)))
      }
    }
    return dated + (try Self.digest(dated[...], password))
  }

  private static func digest(_ bytes: ArraySlice<UInt8>, _ password: String) throws(Failure)
    -> [UInt8]
  {
    let start = password.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    let said = try Command(["sha1sum"], input: start + Array("Mighty Aphrodite".utf8) + bytes)
      .runChecked().text
    let digits = Array(said.utf8.prefix(2 * digestSize))
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
  }
}
