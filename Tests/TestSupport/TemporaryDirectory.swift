internal import Files
internal import Glibc

/// Runs `body` with a new empty folder, which is removed afterwards.
///
/// - Parameters:
///   - parent: Where the folder is made; nil for `$TMPDIR`, or `/tmp`.
///   - body: Given the folder's path.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws, and when the folder can't be made.
package func withTemporaryDirectory<Result>(
  in parent: String? = nil, _ body: (String) throws -> Result
) throws -> Result {
  let place = parent ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  let path = try Files.makeTemporaryDirectory(in: place, prefix: "particle-test-")
  defer { try? Files.removeTree(path) }
  return try body(path)
}
