internal import Glibc
internal import Model

/// What a build tells people while it goes on: plain lines on standard error.
package struct Progress: Sendable {
  package enum Volume: Sendable { case quiet, normal, verbose }

  package var volume: Volume

  package init(volume: Volume) { self.volume = volume }

  package func finished(_ report: StageReport) {
    let place = "\(report.pipeline)/\(report.index)"
    var line = "  " + place.padded(to: 12) + " " + report.stage.type.padded(to: 18)
    line += report.milliseconds.map { " run \(seconds($0))" } ?? " hit"
    if volume == .verbose { line += "  key \(report.key.hex)  layer \(report.layer.hex)" }
    say(line)
  }

  /// Writes a line, unless told to be quiet.
  package func say(_ line: String) {
    guard volume != .quiet else { return }
    let bytes = Array((line + "\n").utf8)
    _ = write(2, bytes, bytes.count)
  }
}

/// Milliseconds as people read them: `12.3s`.
package func seconds(_ milliseconds: Int) -> String {
  milliseconds < 1000 ? "\(milliseconds)ms" : "\(milliseconds / 1000).\(milliseconds % 1000 / 100)s"
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
