internal import Testing

/// When a suite runs: two at a time, and one of the two at most has guests of its own.
///
/// A guest keeps one of a small machine's processors busy and waits often, so that a build beside it costs little; two
/// guests at once would miss their own deadlines. Guests take longest, so they go first.
struct Turn: SuiteTrait, TestScoping {
  fileprivate var hasGuests: Bool

  func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @Sendable @concurrent () async throws -> Void
  ) async throws {
    await Turns.shared.take(hasGuests)
    do {
      try await function()
    } catch {
      await Turns.shared.give(hasGuests)
      throw error
    }
    await Turns.shared.give(hasGuests)
  }
}

extension Trait where Self == Turn {
  /// It starts virtual machines: one other suite runs at the same time, without any.
  static var withGuests: Self { Self(hasGuests: true) }
  /// One other suite runs at the same time.
  static var besideAnother: Self { Self(hasGuests: false) }
}

/// Two turns, one of which may have guests.
private actor Turns {
  static let shared = Turns()

  private var left = 2
  private var isGuestFree = true
  private var waiting: [(hasGuests: Bool, goOn: CheckedContinuation<Void, Never>)] = []

  func take(_ hasGuests: Bool) async {
    if left > 0, isGuestFree || !hasGuests {
      count(hasGuests)
    } else {
      await withCheckedContinuation { waiting.append((hasGuests, $0)) }
    }
  }

  func give(_ hasGuests: Bool) {
    left += 1
    if hasGuests { isGuestFree = true }
    while left > 0, let index = next {
      let suite = waiting.remove(at: index)
      count(suite.hasGuests)
      suite.goOn.resume()
    }
  }

  private var next: Int? {
    (isGuestFree ? waiting.firstIndex { $0.hasGuests } : nil)
      ?? waiting.firstIndex { !$0.hasGuests }
  }

  private func count(_ hasGuests: Bool) {
    left -= 1
    if hasGuests { isGuestFree = false }
  }
}
