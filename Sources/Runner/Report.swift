package import Model

/// How results and errors are told.
package enum Report {
  /// The object that `--json` prints.
  ///
  /// Durations are whole milliseconds, as documents have no fractions.
  ///
  /// - Parameters:
  ///   - result: What became of the stages.
  ///   - outputs: The placed exports.
  ///   - verdict: Of the check, when there was one.
  /// - Returns: An object with `exports`, `stages`, and `check` when there was one.
  package static func json(
    _ result: BuildResult, _ outputs: [Exporter.Output], _ verdict: Verdict? = nil
  ) -> Node {
    let exports = outputs.map { output -> (String, Node) in
      (
        output.name,
        .object([
          ("path", .string(output.path)), ("sha256", .string(output.digest.hex)),
          ("size", .integer(output.size)),
        ])
      )
    }
    let stages = result.stages.map { stage -> Node in
      var members: [(String, Node)] = [
        ("id", .string(stage.stage.id.description)), ("index", .integer(stage.index)),
        ("key", .string(stage.key.description)), ("output", .string(stage.layer.description)),
        ("pipeline", .string(stage.pipeline)),
        ("result", .string(stage.milliseconds == nil ? "hit" : "run")),
        ("type", .string(stage.stage.type)),
      ]
      if let time = stage.milliseconds { members.append(("milliseconds", .integer(time))) }
      return .object(members)
    }
    var members: [(String, Node)] = [("exports", .object(exports)), ("stages", .list(stages))]
    if let verdict { members.append(("check", verdict.json)) }
    return .object(members)
  }

  /// What is said last when a signal ends a run.
  package static let interrupted = "particle-run: interrupted; what is finished is kept"

  /// The text of an error for people, and the exit status that goes with it.
  package static func text(of error: any Error) -> (text: String, status: Int32) {
    switch error {
    case let refusal as Refusal:
      let lines = refusal.diagnostics.map { diagnostic -> String in
        let place = [diagnostic.mark?.file, diagnostic.path.isEmpty ? nil : diagnostic.path]
        let start = place.compactMap(\.self).map { $0 + ": " }.joined()
        let remedy = diagnostic.remedy.map { "\n  help: \($0)" } ?? ""
        return "\(diagnostic.severity.rawValue): \(start)\(diagnostic.problem)\(remedy)\n"
      }
      return (lines.joined(), 2)
    case is CancellationError: return ("\(interrupted)\n", 130)
    default: return ("error: \(error)\n", 1)
    }
  }
}
