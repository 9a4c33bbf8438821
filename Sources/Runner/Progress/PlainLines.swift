/// What a build tells people line by line: for terminals above the live view, for everything else
/// alone.
package struct PlainLines: Sendable {
  package var isVerbose: Bool
  private var columns = StageLine()
  /// When something was last said of a stage that is at work.
  private var said: [StagePlace: Int] = [:]
  private var downloadsSaid: Int?
  private var began = 0
  private var runs = 0
  private var hits = 0

  /// How often what takes long is named, in milliseconds.
  private static let heartbeat = 10_000
  /// After how long downloads are named for the first time, in milliseconds.
  private static let patience = 5000

  package init(isVerbose: Bool) { self.isVerbose = isVerbose }

  /// What an event gives to say.
  package mutating func lines(for event: BuildEvent, at now: Int) -> [String] {
    switch event {
    case .began(let outline):
      columns = StageLine(for: outline)
      began = now
      return []
    case .started(let place, _):
      said[place] = now
      return []
    case .finished(let report):
      said[report.place] = nil
      if report.milliseconds == nil { hits += 1 } else { runs += 1 }
      return [columns.text(report, isVerbose: isVerbose)]
    case .built:
      return ["  \(runs) run, \(hits) hit, \(seconds(now - began)) in all"]
    case .queued, .received, .downloaded, .failed, .ended: return []
    }
  }

  /// What there is to say because time has passed.
  package mutating func lines(of status: BuildStatus, at now: Int) -> [String] {
    var lines: [String] = []
    for stage in status.running {
      guard let last = said[stage.place], now - last >= Self.heartbeat else { continue }
      said[stage.place] = now
      lines.append(columns.text(stage.place, "still running, \(wholeSeconds(now - stage.began))"))
    }
    guard status.downloads.isGoingOn else {
      downloadsSaid = nil
      return lines
    }
    let last = downloadsSaid ?? now - Self.heartbeat + Self.patience
    downloadsSaid = last
    if now - last >= Self.heartbeat {
      downloadsSaid = now
      lines.append(columns.text("downloading", status.downloads.text(at: now)))
    }
    return lines
  }
}
