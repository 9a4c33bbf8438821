package import Model

extension Machine {
  /// Waits until the console has said `text`, after what was expected before.
  ///
  /// - Parameters:
  ///   - text: What has to appear, byte for byte.
  ///   - seconds: How long to wait.
  /// - Returns: The bytes from the last expectation up to the text.
  /// - Throws: When the time is over, when the machine ended, and when it said that it can't go on.
  @discardableResult
  package func expect(_ text: String, within seconds: Int = 300) throws(Failure)
    -> ArraySlice<UInt8>
  {
    try expect(anyOf: [text], within: seconds).before
  }

  /// Waits until the console has said one of `texts`, after what was expected before.
  ///
  /// - Parameters:
  ///   - texts: One of these has to appear, byte for byte.
  ///   - seconds: How long to wait.
  /// - Returns: Which it was, and the bytes from the last expectation up to it.
  /// - Throws: When the time is over, when the machine ended, and when it said that it can't go on.
  @discardableResult
  package func expect(anyOf texts: [String], within seconds: Int = 300) throws(Failure) -> (
    text: String, before: ArraySlice<UInt8>
  ) {
    if let found = try find(anyOf: texts, within: .seconds(seconds)) { return found }
    let names = texts.map { "“\($0)”" }.joined(separator: " or ")
    throw failure("\(names) did not appear within \(seconds) seconds")
  }

  /// Waits until the console has said one of `texts`; nil when it has not in that time.
  func find(anyOf texts: [String], within time: Duration) throws(Failure) -> (
    text: String, before: ArraySlice<UInt8>
  )? {
    let wanted = texts.map { ($0, Array($0.utf8)) }
    let deadEnds = Self.deadEnds.map { ($0, Array($0.utf8)) }
    let longest = (wanted + deadEnds).reduce(1) { max($0, $1.1.count) }
    let deadline = ContinuousClock.now + time
    let start = position
    var from = start
    while true {
      let fresh = transcript[from...]
      let hits = wanted.compactMap { text, bytes in
        fresh.firstRange(of: bytes).map { (text, $0) }
      }
      if let (text, range) = hits.min(by: { $0.1.lowerBound < $1.1.lowerBound }) {
        position = range.upperBound
        return (text, transcript[start..<range.lowerBound])
      }
      if let (sign, _) = deadEnds.first(where: { fresh.firstRange(of: $0.1) != nil }) {
        throw failure("it stopped at “\(sign)”")
      }
      from = max(start, transcript.count - longest + 1)
      let left = deadline - ContinuousClock.now
      guard left > .zero else { return nil }
      _ = try receive(within: left)
    }
  }

  /// What firmware, boot loader, initramfs and systemd say when they wait for a person.
  private static let deadEnds = [
    "No bootable device", "UEFI Interactive Shell", "grub rescue>", "grub> ", "Kernel panic",
    "(initramfs) ", "You are in emergency mode",
  ]
}
