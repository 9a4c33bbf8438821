internal import Model

/// How far a build is, from the events so far.
///
/// Times are milliseconds since the program started.
package struct BuildStatus: Sendable {
  /// A stage that is at work.
  package struct Running: Sendable {
    package var place: StagePlace
    package var began: Int
  }

  package private(set) var outline: Outline?
  package private(set) var began = 0
  package private(set) var running: [Running] = []
  package private(set) var finished: Set<StagePlace> = []
  package private(set) var downloads = DownloadStatus()

  package init() {}

  package mutating func apply(_ event: BuildEvent, at now: Int) {
    switch event {
    case .began(let outline):
      self.outline = outline
      began = now
    case .started(let place, _): running.append(Running(place: place, began: now))
    case .finished(let report):
      running.removeAll { $0.place == report.place }
      finished.insert(report.place)
    case .failed, .built, .ended: running = []
    case .queued, .received, .downloaded: downloads.apply(event, at: now)
    }
  }

  package var stageCount: Int { outline?.pipelines.reduce(0) { $0 + $1.stages.count } ?? 0 }

  /// How long the rest will take, in milliseconds; nil when a stage is to run of which none like it
  /// has run before.
  ///
  /// The longer of the longest path and of all work shared by those that may run at once.
  package func timeLeft(at now: Int) -> Int? {
    guard let outline else { return nil }
    var left: [StagePlace: Int] = [:]
    for place in outline.toRun where !finished.contains(place) {
      guard let duration = outline.durations[place] else { return nil }
      left[place] = duration
    }
    for stage in running {
      guard let duration = outline.durations[stage.place] else { return nil }
      left[stage.place] = max(0, duration - (now - stage.began))
    }
    let longest = PathLengths(outline.pipelines) { left[$0] ?? 0 }.longest
    let work = left.values.reduce(0, +) / max(1, outline.jobs)
    guard let downloads = downloads.timeLeft(at: now) else { return nil }
    return max(longest, work) + downloads
  }
}
