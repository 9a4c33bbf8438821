package import Model

/// What a monitor is told of an event; `docs/monitor.md` describes every member.
package enum MonitorRecord {
  /// The number of the contract.
  package static let version = 1

  /// What is told so many milliseconds after the build began; nil for an event that is told
  /// otherwise or not at all.
  package static func node(of event: BuildEvent, elapsed: Int) -> Node? {
    switch event {
    case .began(let outline): return record("begin", elapsed, begin(outline))
    case .queued, .received, .downloaded, .built: return nil
    case .started(let place, let key):
      return record("stage-started", elapsed, Report.members(place, key: key))
    case .finished(let report): return record("stage-finished", elapsed, Report.members(report))
    case .failed(let error):
      return record("failure", elapsed, [("error", Report.error(error))])
    case .ended(let status, let outputs):
      return record(
        "end", elapsed,
        [("exports", Report.exports(outputs)), ("status", .integer(Int(status)))])
    }
  }

  package static func node(of downloads: DownloadStatus, elapsed: Int) -> Node {
    func pair(_ done: Int, _ total: Int) -> Node {
      .object([("done", .integer(done)), ("total", .integer(total))])
    }
    return record(
      "downloads", elapsed,
      [
        ("bytes", pair(downloads.done, downloads.size)),
        ("files", pair(downloads.filesDone, downloads.files)),
      ])
  }

  private static func begin(_ outline: Outline) -> [(String, Node)] {
    let count = outline.places.count
    return [
      (
        "downloads",
        .object([("bytes", .integer(outline.bytes)), ("files", .integer(outline.files))])
      ),
      ("exports", .list(outline.exports.map(Node.string))),
      ("program", .string("particle-run \(particleVersion)")),
      ("recipe", .string(outline.recipe)),
      (
        "stages",
        .object([("run", .integer(outline.toRun.count)), ("total", .integer(count))])
      ),
      ("version", .integer(version)),
    ]
  }

  private static func record(_ event: String, _ elapsed: Int, _ members: [(String, Node)]) -> Node {
    .object([("elapsed", .decimal(thousandths: elapsed)), ("event", .string(event))] + members)
  }
}
