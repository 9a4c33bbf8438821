internal import Glibc

/// The stage's log, which is standard error.
package enum Log {
  package static func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
      // A log that nobody reads any more is no reason to fail.
      guard count > 0 || errno == EINTR else { return }
      rest = rest.dropFirst(max(0, count))
    }
  }

  package static func note(_ text: String) { write(Array("\(text)\n".utf8)) }
}
