internal import Model

/// How far the downloads of a build are.
package struct DownloadStatus: Sendable, Equatable {
  package private(set) var filesDone = 0
  package private(set) var files = 0
  /// In bytes, of all files.
  package private(set) var size = 0
  private var sizeDone = 0
  private var parts: [Digest: Int] = [:]
  private var received = 0
  private var samples: [Sample] = []

  /// How much had come when.
  private struct Sample: Sendable, Equatable {
    var time: Int
    var received: Int
  }

  /// How far back the rate looks, in milliseconds.
  private static let window = 5000

  package init() {}

  /// How many bytes are here.
  package var done: Int { ByteCount.sum(of: [sizeDone] + Array(parts.values)) }

  package var isGoingOn: Bool { filesDone < files }

  mutating func apply(_ event: BuildEvent, at now: Int) {
    switch event {
    case .queued(let size):
      files += 1
      self.size = ByteCount.sum(of: [self.size, size])
    case .received(let digest, let has, let new):
      parts[digest] = has
      received = ByteCount.sum(of: [received, new])
      if let last = samples.last, now - last.time < 100 {
        samples[samples.count - 1].received = received
      } else {
        samples.append(Sample(time: now, received: received))
        samples.removeAll { now - $0.time > Self.window }
      }
    case .downloaded(let digest, let size):
      parts[digest] = nil
      sizeDone = ByteCount.sum(of: [sizeDone, size])
      filesDone += 1
    default: break
    }
  }

  /// Bytes per second over the last seconds; nil while there is too little to tell.
  package func rate(at now: Int) -> Int? {
    guard let first = samples.first(where: { now - $0.time <= Self.window }),
      now - first.time >= 500
    else { return nil }
    return (received - first.received) * 1000 / (now - first.time)
  }

  /// `3 of 12 files, 1.2 MiB of 9.0 MiB, 800.0 KiB/s`.
  package func text(at now: Int) -> String {
    var text = "\(filesDone) of \(counted(files, "file")), \(ByteCount(done)) of \(ByteCount(size))"
    if let rate = rate(at: now), isGoingOn { text += ", \(ByteCount(rate))/s" }
    return text
  }

  /// In milliseconds; nil when that cannot be told.
  package func timeLeft(at now: Int) -> Int? {
    guard isGoingOn else { return 0 }
    guard let rate = rate(at: now), rate > 0 else { return nil }
    return (size - done) * 1000 / rate
  }
}
