internal import Testing

/// When a suite runs: with the whole machine for itself, or beside another that needs one processor.
///
/// A guest whose emulated processors get too little time misses its own deadlines, so nothing runs beside it. What builds
/// small systems one after the other leaves a processor idle, so two of those share a machine.
struct Turn: SuiteTrait, TestScoping {
  fileprivate var count: Int

  func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @Sendable @concurrent () async throws -> Void
  ) async throws {
    await Turns.shared.take(count)
    do {
      try await function()
    } catch {
      await Turns.shared.give(count)
      throw error
    }
    await Turns.shared.give(count)
  }
}

extension Trait where Self == Turn {
  /// Nothing else runs at the same time.
  static var alone: Self { Self(count: Turns.all) }
  /// One other suite may run at the same time.
  static var besideAnother: Self { Self(count: 1) }
}

/// Two turns, for whoever has waited longest and needs no more than there are.
private actor Turns {
  static let all = 2
  static let shared = Turns()

  private var left = all
  private var waiting: [(count: Int, goOn: CheckedContinuation<Void, Never>)] = []

  func take(_ count: Int) async {
    if count <= left {
      left -= count
    } else {
      await withCheckedContinuation { waiting.append((count, $0)) }
    }
  }

  func give(_ count: Int) {
    left += count
    while let index = waiting.firstIndex(where: { $0.count <= left }) {
      let next = waiting.remove(at: index)
      left -= next.count
      next.goOn.resume()
    }
  }
}
