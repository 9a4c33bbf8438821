internal import Files
package import Model
package import Processes

/// A stage that did not end well: where it stood, how it ended, and what it said last.
package struct StageFailure: Error, Sendable {
  package var place: StagePlace
  /// The action's key.
  package var key: Digest
  package var ending: Command.Ending
  /// What the kernel's out-of-memory killer ended while the stage ran.
  package var starved: OutOfMemory.Finding
  /// What the runner killed it for.
  package var excess: StageLimits.Excess?
  /// The end of the log, line by line.
  package var lastLines: [String]
  /// How many lines the log has.
  package var lineCount: Int
  /// Where the whole log is.
  package var log: String
  /// The folder that has the tree, where that was to be kept.
  package var kept: String?
  /// A command line that opens a shell in that tree.
  package var shell: String?

  /// The store, where its disk was full when the stage failed.
  package var fullStore: String?

  /// How many lines of a log are told.
  package static let lineLimit = 20
  /// How many lines are told of a stage's own complaint, the last thing it writes.
  package static let complaintLimit = 40
  /// In characters.
  private static let lineLength = 400

  /// Takes the ending as bubblewrap tells it, which ends with 128 and the number of the signal where
  /// one ended the stage; `text` is the log, `log` is where it is.
  package init(
    _ place: StagePlace, key: Digest, ending: Command.Ending, starved: OutOfMemory.Finding,
    text: String, log: String
  ) {
    self.place = place
    self.key = key
    if case .exit(let status) = ending, (129...192).contains(status) {
      self.ending = .signal(status - 128)
    } else {
      self.ending = ending
    }
    self.starved = starved
    let lines = text.parts(at: "\n", keepingEmpty: true)
    let said = lines.last?.isEmpty == true ? lines.dropLast() : lines[...]
    lastLines = Self.telling(said, place.type).map { Self.printable($0) }
    lineCount = said.count
    self.log = log
  }

  /// The lines that say why it failed: the stage's own complaint where that quotes what a program said,
  /// and else the last ones.
  private static func telling(_ lines: ArraySlice<String>, _ type: String) -> ArraySlice<String> {
    let complaint = lines.lastIndex { $0.begins(with: "\(type): ") }.map { lines[$0...] } ?? []
    return complaint.count > 1
      ? complaint.suffix(complaintLimit) : lines.suffix(lineLimit)
  }

  /// How it ended, in words.
  package var cause: String {
    if let excess { return "\(excess)" }
    guard starved.isCertain else { return "\(ending)" }
    if ending == .signal(9), starved.mayBeStage {
      return "killed by the kernel's out-of-memory killer (signal 9)"
    }
    let name = starved.victims.last.map { " '\($0)'" } ?? ""
    return "\(ending); while it ran, the kernel's out-of-memory killer killed a process\(name)"
  }

  /// The same as people are told it.
  package var failure: Failure {
    var text = (fullStore == nil ? "" : "the store's disk is full; ") + cause
    if lineCount > lastLines.count {
      text += "; the last \(lastLines.count) of \(lineCount) lines of output:"
    } else if !lastLines.isEmpty {
      text += "; its output:"
    }
    for line in lastLines { text += "\n  | \(line)" }
    var remedy = "the whole output is in \(log)"
    if let fullStore {
      remedy =
        "make room for the store \(fullStore), or choose another with --store\n  help: " + remedy
    }
    if fullStore == nil, let known = KnownCause(in: lastLines) {
      remedy = known.remedy + "\n  help: " + remedy
    }
    if let excess { remedy = "raise the limit with \(excess.option)\n  help: " + remedy }
    if let kept { remedy += "\n  help: its tree is kept in \(kept)" }
    if let shell { remedy += "\n  help: open a shell in it: \(shell)" }
    let stage = "stage \(place.index) of pipeline '\(place.pipeline)', \(place.type)"
    return Failure(
      "run", place.origin.map { "\($0) (\(stage))" } ?? stage, cause: text, remedy: remedy)
  }

  /// What programs wrote for a terminal, without what would act on ours.
  private static func printable(_ line: String) -> String {
    // After a carriage return a terminal shows what was written last.
    let last = line.unicodeScalars.split(separator: "\r").last ?? []
    var text = ""
    var isEscape = false
    for scalar in last {
      if scalar == "\u{1b}" {
        isEscape = true
      } else if isEscape {
        isEscape = !("A"..."Z" ~= scalar || "a"..."z" ~= scalar)
      } else {
        text.unicodeScalars.append(scalar == "\t" ? " " : scalar)
      }
    }
    let scalars = text.unicodeScalars
    guard scalars.count > lineLength else { return shown(text) }
    return shown(String(scalars.prefix(lineLength))) + "…"
  }
}
