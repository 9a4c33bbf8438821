import Glibc
import Testing

/// Tests that give files to others, as stages do it, and fail where they may not.
struct NeedsRoot: SuiteTrait, TestTrait {
  var isRecursive: Bool { true }

  func prepare(for test: Test) async throws {
    try #require(getuid() == 0, "this needs root: only root can give files away")
  }
}

extension Trait where Self == NeedsRoot {
  static var needsRoot: Self { Self() }
}
