package import Model
internal import Processes

/// How results and errors are told.
package enum Report {
  /// The object that `--json` prints of a build that succeeded.
  ///
  /// - Parameters:
  ///   - result: What became of the stages.
  ///   - outputs: The placed exports.
  ///   - verdict: Of the check, when there was one.
  /// - Returns: An object with `exports`, `stages`, and `check` when there was one.
  package static func json(
    _ result: BuildResult, _ outputs: [Exporter.Output], _ verdict: Verdict? = nil
  ) -> Node {
    var members: [(String, Node)] = [
      ("exports", exports(outputs)),
      ("stages", .list(result.stages.map { .object(Report.members($0)) })),
    ]
    if let verdict { members.append(("check", verdict.json)) }
    return .object(members)
  }

  static func exports(_ outputs: [Exporter.Output]) -> Node {
    .object(
      outputs.map { output in
        (
          output.name,
          .object([
            ("path", .string(output.path)), ("sha256", .string(output.digest.hex)),
            ("size", .integer(output.size)),
          ])
        )
      })
  }

  static func members(_ place: StagePlace, key: Digest) -> [(String, Node)] {
    [
      ("id", .string(place.id.description)), ("index", .integer(place.index)),
      ("key", .string(key.description)), ("pipeline", .string(place.pipeline)),
      ("type", .string(place.type)),
    ] + (place.origin.map { [("origin", Origin.schema.encode($0))] } ?? [])
  }

  static func members(_ stage: StageReport) -> [(String, Node)] {
    var members = members(stage.place, key: stage.key)
    members.append(("output", .string(stage.layer.description)))
    members.append(("result", .string(stage.milliseconds == nil ? "hit" : "run")))
    if let time = stage.milliseconds { members.append(("seconds", .decimal(thousandths: time))) }
    if let log = stage.log { members.append(("log", .string(log))) }
    return members
  }

  /// What `--json` and a monitor have of an error.
  package static func error(_ error: any Error) -> Node {
    guard let failure = error as? StageFailure else {
      let message = text(of: error, isColoured: false).text
      return .object([("message", .string(String(message.dropLast())))])
    }
    var all: [(String, Node)] = [
      ("lines", .list(failure.lastLines.map(Node.string))), ("log", .string(failure.log)),
      ("message", .string(failure.cause)),
      ("stage", .object(members(failure.place, key: failure.key))),
    ]
    switch failure.ending {
    case .exit(let status): all.append(("exit", .integer(Int(status))))
    case .signal(let number): all.append(("signal", .integer(Int(number))))
    }
    if let kept = failure.kept { all.append(("kept", .string(kept))) }
    if let shell = failure.shell { all.append(("shell", .string(shell))) }
    return .object(all)
  }

  /// What is said last when a signal ends a run.
  package static let interrupted = "\(Host.programName): interrupted; finished work is kept"

  /// The text of an error for people, and the exit status that goes with it.
  ///
  /// Coloured, the word that begins it is red (`error`) or yellow (`warning`).
  package static func text(of error: any Error, isColoured: Bool = false) -> (
    text: String, status: Int32
  ) {
    func title(_ severity: Diagnostic.Severity) -> String {
      guard isColoured else { return "\(severity.rawValue):" }
      return "\u{1b}[\(severity == .error ? 31 : 33)m\(severity.rawValue):\u{1b}[0m"
    }
    switch error {
    case let refusal as Refusal:
      return (refusal.diagnostics.map { "\(title($0.severity)) \($0)\n" }.joined(), 2)
    case is CancellationError: return ("\(interrupted)\n", 130)
    case let stage as StageFailure: return ("\(title(.error)) \(stage.failure)\n", 1)
    case let failure as Failure: return ("\(title(.error)) \(failure)\n", 1)
    default: return ("\(title(.error)) \(shownLines("\(error)"))\n", 1)
    }
  }
}
