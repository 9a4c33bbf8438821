internal import Files
internal import Glibc
package import Model
internal import Processes

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

  /// Keeps a row of docs/faults.md; see `prove`.
  ///
  /// - Parameters:
  ///   - fault: What was done, as people say it.
  ///   - count: How often.
  ///   - outcome: What was found each time.
  /// - Throws: When it can't be written.
  package static func record(_ fault: String, count: Int, _ outcome: String) throws(Failure) {
    try prove("faults", [fault, "\(count)", outcome], key: 1)
  }

  /// Keeps a row for a table of docs, which `tools/write-records` writes.
  ///
  /// Only in a full test, and only to be called by a test that has found all well: a test that fails
  /// leaves no row.
  ///
  /// - Parameters:
  ///   - table: A file of `docs/records`: `boots`, `formats`, `file-systems` …
  ///   - fields: The row's fields, without the day and the commit, which are added. The first ones, up to `key`, say
  ///     what the row is of.
  ///   - key: How many they are.
  /// - Throws: When it can't be written.
  package static func prove(_ table: String, _ fields: [String], key: Int) throws(Failure) {
    guard isOn else { return }
    let folder = Places.repository + "/.build/full-test/" + table
    try Files.makeDirectories(folder)
    let key = fields.prefix(key).joined(separator: "-")
    let name = String(key.map { $0.isLetter || $0.isNumber ? $0 : "-" })
    let row = (fields + [today, try commit.get()]).joined(separator: "\t")
    try Files.write(Array("\(row)\n".utf8), to: "\(folder)/\(name)")
  }

  /// Debian's release that the tests run on: `Debian 13`.
  package static let host = Result { () throws(Failure) in
    let lines = try Files.readText("/etc/os-release").split(separator: "\n")
    let version = lines.first { $0.hasPrefix("VERSION_ID=") }?.dropFirst(11)
    return "Debian " + (version.map { $0.filter { $0 != "\"" } } ?? "testing")
  }

  private static var today: String {
    var now = time(nil)
    var today = tm()
    gmtime_r(&now, &today)
    func digits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(today.tm_year + 1900)-\(digits(today.tm_mon + 1))-\(digits(today.tm_mday))"
  }

  /// What is tested; with a plus where files have been changed since.
  private static let commit = Result { () throws(Failure) in
    let words = [
      "git", "-C", Places.repository, "describe", "--always", "--exclude=*", "--dirty=+",
    ]
    return String(try Command(words).runChecked().text.dropLast())
  }
}
