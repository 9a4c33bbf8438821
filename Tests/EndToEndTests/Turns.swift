internal import Files
internal import Glibc
internal import Testing

/// When a suite runs: two at a time, and one of the two at most has guests of its own.
///
/// A guest keeps one of a small machine's processors busy and waits often, so that a build beside it costs little; two
/// guests at once would miss their own deadlines. Guests take longest, so they go first.
struct Turn: SuiteTrait, TestScoping {
  fileprivate enum Kind { case guests, ahead, other }

  fileprivate var kind: Kind

  func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @Sendable @concurrent () async throws -> Void
  ) async throws {
    await Turns.shared.take(kind)
    if kind == .guests { Self.preferGuests() }
    do {
      try await function()
    } catch {
      await Turns.shared.give(kind)
      throw error
    }
    await Turns.shared.give(kind)
  }
}

extension Turn {
  /// Lets this session's processes, guests among them, go before those of stages, each of which has a session of its own
  /// (sched(7), "The autogroup feature"); without root, or on a kernel without sessions' groups, all are equal.
  private static func preferGuests() {
    try? FileDescriptor.open("/proc/self/autogroup", O_WRONLY).write(Array("-10".utf8))
  }
}

extension Trait where Self == Turn {
  /// It starts virtual machines: one other suite runs at the same time, without any.
  static var withGuests: Self { Self(kind: .guests) }
  /// As `besideAnother`, but before the others of that kind.
  static var ahead: Self { Self(kind: .ahead) }
  /// One other suite runs at the same time.
  static var besideAnother: Self { Self(kind: .other) }
}

/// Two turns, one of which may have guests.
private actor Turns {
  static let shared = Turns()

  private var left = 2
  private var isGuestFree = true
  private var waiting: [(kind: Turn.Kind, goOn: CheckedContinuation<Void, Never>)] = []

  func take(_ kind: Turn.Kind) async {
    if left > 0, isGuestFree || kind != .guests {
      count(kind)
    } else {
      await withCheckedContinuation { waiting.append((kind, $0)) }
    }
  }

  func give(_ kind: Turn.Kind) {
    left += 1
    if kind == .guests { isGuestFree = true }
    while left > 0, let index = next {
      let suite = waiting.remove(at: index)
      count(suite.kind)
      suite.goOn.resume()
    }
  }

  private var next: Int? {
    (isGuestFree ? waiting.firstIndex { $0.kind == .guests } : nil)
      ?? waiting.firstIndex { $0.kind == .ahead } ?? waiting.firstIndex { $0.kind == .other }
  }

  private func count(_ kind: Turn.Kind) {
    left -= 1
    if kind == .guests { isGuestFree = false }
  }
}
