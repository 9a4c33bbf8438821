import Glibc
import Model
import Testing

/// Tests that give files to others, as stages do it, and fail where they may not.
struct NeedsRoot: SuiteTrait, TestTrait {
  var isRecursive: Bool { true }

  func prepare(for test: Test) async throws {
    guard getuid() == 0 else {
      throw Failure(
        "run", test.name, cause: "it needs root: only root can give files away",
        remedy: "run the tests as root")
    }
  }
}

extension Trait where Self == NeedsRoot {
  static var needsRoot: Self { Self() }
}
