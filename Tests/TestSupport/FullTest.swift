internal import Files
internal import Glibc
package import Model

/// What `make test-full` does beyond `make test`: full counts, and a record of what they gave.
package enum FullTest {
  /// Whether it is `make test-full` that runs, which sets `PARTICLE_TEST=full`.
  package static let isOn = getenv("PARTICLE_TEST").map { String(cString: $0) } == "full"

  /// How often something is to be tried.
  package static func count(_ bounded: Int, full: Int) -> Int { isOn ? full : bounded }

  /// What one of several tests does of what all of them could do: everything in a full test, else each its share,
  /// so that together they do each thing once.
  ///
  /// - Parameters:
  ///   - all: What there is to do.
  ///   - index: Which test it is, from 0.
  ///   - count: How many tests there are.
  /// - Returns: What this test is to do.
  package static func share<Element>(of all: [Element], _ index: Int, of count: Int) -> [Element] {
    isOn ? all : all.indices.filter { $0 % count == index }.map { all[$0] }
  }

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
    try keep("| \(fault) | \(count) | \(outcome) |", as: fault, in: "faults")
  }

  /// Keeps a line for docs/proofs.md, which `tools/write-image-record` writes; see `record`.
  ///
  /// - Parameters:
  ///   - part: The page's table that it is for: `boots`, `formats`, `file-systems`.
  ///   - fields: The row's fields, without the day, which is added. The first ones, up to `key`, say
  ///     what the row is of.
  ///   - key: How many they are.
  /// - Throws: When it can't be written.
  package static func prove(_ part: String, _ fields: [String], key: Int) throws(Failure) {
    var now = time(nil)
    var today = tm()
    gmtime_r(&now, &today)
    func digits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = "\(today.tm_year + 1900)-\(digits(today.tm_mon + 1))-\(digits(today.tm_mday))"
    try keep(
      (fields + [day]).joined(separator: "\t"), as: fields.prefix(key).joined(separator: "-"),
      in: part)
  }

  private static func keep(_ line: String, as key: String, in part: String) throws(Failure) {
    guard isOn else { return }
    let folder = Places.repository + "/.build/full-test/" + part
    try Files.makeDirectories(folder)
    let name = String(key.map { $0.isLetter || $0.isNumber ? $0 : "-" })
    try Files.write(Array("\(line)\n".utf8), to: "\(folder)/\(name)")
  }
}
