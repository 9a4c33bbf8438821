internal import Files
internal import Testing

/// Removes what a suite has built as soon as the suite is over: all of them together would fill a disk.
struct Removing: SuiteTrait, TestScoping {
  fileprivate var folders: [String]

  func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @Sendable @concurrent () async throws -> Void
  ) async throws {
    defer {
      for folder in folders {
        do { try Files.removeTree("\(scratch)/\(folder)") } catch { Issue.record(error) }
      }
    }
    try await function()
  }
}

extension Trait where Self == Removing {
  /// Removes folders in `scratch` when all of the suite's tests have ended.
  static func removing(_ folders: String...) -> Self { Self(folders: folders) }
}
