internal import Files
internal import Glibc
package import Model

/// What `make test-full` does beyond `make test`: full counts, and a record of what they gave.
package enum FullTest {
  /// Whether it is `make test-full` that runs, which sets `PARTICLE_TEST=full`.
  package static let isOn = getenv("PARTICLE_TEST").map { String(cString: $0) } == "full"

  /// How often something is to be tried.
  package static func count(_ bounded: Int, full: Int) -> Int { isOn ? full : bounded }

  /// Keeps a line for the table that `tools/write-fault-record` puts into docs/faults.md.
  ///
  /// Only in a full test, and only to be called by a test that has found all well: a test that fails
  /// leaves no line.
  ///
  /// - Parameters:
  ///   - fault: What was done, as people say it.
  ///   - count: How often.
  ///   - outcome: What was found each time.
  /// - Throws: When it can't be written.
  package static func record(_ fault: String, count: Int, _ outcome: String) throws(Failure) {
    guard isOn else { return }
    let folder = Places.repository + "/.build/full-test"
    try Files.makeDirectories(folder)
    let name = String(fault.map { $0.isLetter || $0.isNumber ? $0 : "-" })
    try Files.write(Array("| \(fault) | \(count) | \(outcome) |\n".utf8), to: "\(folder)/\(name)")
  }
}
