internal import Model
internal import Processes

/// Runs `body` on a thread that may block, as those that run tasks must not, and waits for it
/// without blocking.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws
  -> Result
{
  try await withCheckedThrowingContinuation { continuation in
    startThread { continuation.resume(with: Swift.Result { try body() }) }
  }
}

/// So many may go on at once; of the others the most urgent comes next, and of equally urgent ones
/// the first.
actor Slots {
  private var free: Int
  private var waiting: [(urgency: Int, turn: CheckedContinuation<Void, Never>)] = []

  init(_ count: Int) { free = count }

  func take(urgency: Int) async {
    if free > 0 {
      free -= 1
      return
    }
    await withCheckedContinuation { turn in
      let place = waiting.firstIndex { $0.urgency < urgency } ?? waiting.endIndex
      waiting.insert((urgency, turn), at: place)
    }
  }

  func give() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().turn.resume() }
  }
}

/// One at a time for each key.
actor Turns {
  private var waiting: [Digest: [CheckedContinuation<Void, Never>]] = [:]

  func take(_ key: Digest) async {
    if waiting[key] == nil {
      waiting[key] = []
    } else {
      await withCheckedContinuation { waiting[key]?.append($0) }
    }
  }

  func give(_ key: Digest) {
    if waiting[key]?.isEmpty == false {
      waiting[key]?.removeFirst().resume()
    } else {
      waiting[key] = nil
    }
  }
}
