internal import Model

/// How a stage stands in a line for people: its place, its type, and what became of it.
package struct StageLine: Sendable, Equatable {
  private var placeWidth = 12
  private var typeWidth = 15
  /// What most fates take: `run 59.9s`.
  private let fateWidth = 9

  /// Columns for the stages of any build.
  package init() {}

  /// Columns as wide as the stages of this build need them.
  package init(for outline: Outline) {
    let places = outline.places
    placeWidth = max("downloading".count, places.map(\.description.count).max() ?? 0)
    typeWidth = places.map(\.type.count).max() ?? 0
  }

  package func text(_ place: StagePlace, _ fate: String) -> String {
    let origin = place.origin.map { "\($0)" } ?? ""
    let columns = [
      padded(place.description, placeWidth), padded(place.type, typeWidth),
      origin.isEmpty ? fate : padded(fate, fateWidth), origin,
    ]
    return "  " + columns.filter { !$0.isEmpty }.joined(separator: "  ")
  }

  package func text(_ report: StageReport, isVerbose: Bool) -> String {
    var fate = report.milliseconds.map { "run \(seconds($0))" } ?? "hit"
    if isVerbose { fate += "  key \(report.key.hex)  layer \(report.layer.hex)" }
    return text(report.place, fate)
  }

  /// A line of the same columns that is not about a stage.
  package func text(_ title: String, _ text: String) -> String {
    "  \(padded(title, placeWidth))  \(text)"
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

/// Milliseconds as people read them: `450ms`, `12.3s`, `2m 05s`.
package func seconds(_ milliseconds: Int) -> String {
  if milliseconds < 1000 { return "\(milliseconds)ms" }
  if milliseconds >= 60_000 { return wholeSeconds(milliseconds) }
  return "\(milliseconds / 1000).\(milliseconds % 1000 / 100)s"
}

/// Milliseconds in whole seconds, as people read them: `12s`, `2m 05s`, `1h 02m`.
package func wholeSeconds(_ milliseconds: Int) -> String {
  func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  let seconds = milliseconds / 1000
  if seconds < 60 { return "\(seconds)s" }
  if seconds < 3600 { return "\(seconds / 60)m \(two(seconds % 60))s" }
  return "\(seconds / 3600)h \(two(seconds / 60 % 60))m"
}
