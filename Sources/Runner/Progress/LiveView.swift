internal import Model

/// What stands at the bottom of a terminal while a build goes on.
package struct LiveView: Sendable {
  package init() {}

  /// The lines for a terminal of so many columns and rows, which they leave room in.
  ///
  /// The time is in milliseconds, as the status has it.
  package func lines(_ status: BuildStatus, at now: Int, width: Int, height: Int) -> [String] {
    let downloads = status.downloads
    guard let outline = status.outline else {
      // Without a build there are only downloads.
      return downloads.isGoingOn
        ? ["  downloading  \(downloads.text(at: now))"].map { fitted($0, width) } : []
    }
    let columns = StageLine(for: outline)
    var lines: [String] = []
    let room = max(1, height - 4)
    let shown = status.running.count > room ? status.running.prefix(room - 1) : status.running[...]
    for stage in shown {
      var fate = "running, \(wholeSeconds(now - stage.began))"
      if let usual = outline.durations[stage.place] {
        fate += " (last time \(aboutSeconds(usual)))"
      }
      lines.append(columns.text(stage.place, fate))
    }
    if shown.count < status.running.count {
      lines.append("  and \(status.running.count - shown.count) more")
    }
    if downloads.isGoingOn {
      lines.append(columns.text("downloading", downloads.text(at: now)))
    }
    lines.append(summary(status, at: now))
    return lines.map { fitted($0, width) }
  }

  private func fitted(_ line: String, _ width: Int) -> String {
    let line = shown(line)
    return line.count < width ? line : String(line.prefix(max(0, width - 1)))
  }

  private func summary(_ status: BuildStatus, at now: Int) -> String {
    let done = "\(status.finished.count) of \(counted(status.stageCount, "stage"))"
    let time = wholeSeconds(now - status.began)
    let left = status.timeLeft(at: now).map { "about \(aboutSeconds($0)) left" }
    return "  \(done), \(time), \(left ?? "time left unknown")"
  }

  /// Rounded up, so that what is left does not say 0s.
  private func aboutSeconds(_ milliseconds: Int) -> String {
    wholeSeconds(max(1000, milliseconds + 999))
  }
}
