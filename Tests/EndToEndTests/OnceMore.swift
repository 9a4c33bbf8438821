internal import Boot
internal import Testing

/// Runs a test once more when the emulator's known fault has ended it, and nothing else has.
///
/// A test that is run twice says so, and fails when it meets the fault again.
struct OnceMore: SuiteTrait, TestTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @Sendable @concurrent () async throws -> Void
  ) async throws {
    do {
      try await function()
    } catch let error where "\(error)".contains(Machine.emulatorsFault) {
      print("  once more, as QEMU before 8.1 ended it: \(test.name)\n\(error)")
      try await function()
    }
  }
}

extension Trait where Self == OnceMore {
  /// Runs a test once more when QEMU, not the machine, has ended it: see `Machine.emulatorsFault`.
  static var onceMoreForEmulator: Self { Self() }
}
