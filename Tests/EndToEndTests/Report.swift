internal import JSON
internal import Model

/// What `particle-run --json` says about a build.
struct Report: Sendable {
  /// One thing that the build placed in the output folder.
  struct Export: Sendable, Equatable {
    var name: String
    var path: String
    var size: Int
    var sha256: String
  }

  /// The types of the stages that ran, and of those whose result was there already.
  var run: [String] = []
  var hits: [String] = []
  var exports: [Export] = []

  init(_ text: String) throws(Failure) {
    let report: Node
    do {
      report = try JSON.parse(
        Array(text.utf8), file: "particle-run --json", allowsDecimals: true)
    } catch {
      throw Failure("read", "particle-run --json", cause: error.problem)
    }
    for stage in report["stages"]?.items ?? [] {
      let type = stage["type"]?.text ?? "?"
      switch stage["result"]?.text {
      case "run": run.append(type)
      case "hit": hits.append(type)
      default:
        throw Failure("read", "particle-run --json", cause: "the stage \(type) neither ran nor hit")
      }
    }
    guard case .object(let exports)? = report["exports"]?.value else {
      throw Failure("read", "particle-run --json", cause: "there are no exports")
    }
    self.exports = exports.map { export in
      Export(
        name: export.key, path: export.value["path"]?.text ?? "",
        size: export.value["size"]?.number ?? -1, sha256: export.value["sha256"]?.text ?? "")
    }
  }
}

extension Node {
  /// The items of a list; none where this is no list.
  var items: [Node] {
    guard case .list(let items) = value else { return [] }
    return items
  }

  /// The text, where this is one.
  var text: String? {
    guard case .string(let text) = value else { return nil }
    return text
  }

  /// The number, where this is one.
  var number: Int? {
    guard case .integer(let number) = value else { return nil }
    return number
  }
}
