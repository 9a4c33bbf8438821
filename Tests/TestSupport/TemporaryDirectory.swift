internal import Files

/// Runs `body` with a new empty folder, which is removed afterwards.
package func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
  let path = try Files.makeTemporaryDirectory(in: "/tmp", prefix: "particle-test-")
  defer { try? Files.removeTree(path) }
  return try body(path)
}
