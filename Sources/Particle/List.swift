internal import ArgumentParser
internal import Compiler
internal import Model
internal import StageContracts

/// The command `particle list WHAT`.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List templates, and what recipes can use: modules, formats and so on.")

  enum What: String, CaseIterable, ExpressibleByArgument {
    case templates, modules, stages, formats, releases, architectures
  }

  @Argument(help: "What to list: \(What.allCases.map(\.rawValue).joined(separator: ", ")).")
  var what: What

  @Flag(help: "Print a JSON array.")
  var json = false

  func run() throws {
    let rows = try what.rows()
    if json {
      let items = rows.map { name, summary in
        Node.object([("name", .string(name)), ("summary", .string(summary))])
      }
      Output.results.write(Node.list(items))
      return
    }
    let width = rows.map(\.name.count).max() ?? 0
    for row in rows {
      let space = String(repeating: " ", count: width - row.name.count + 2)
      Output.results.write(
        row.name + (row.summary.isEmpty ? "" : space + shown(row.summary)) + "\n")
    }
  }
}

extension List.What {
  fileprivate func rows() throws -> [(name: String, summary: String)] {
    switch self {
    case .templates: try Template.all().map { ($0.name, $0.summary) }
    case .modules: moduleCatalog.map { ($0.type, $0.summary) }
    case .stages: catalog.map { ($0.name, $0.summary) }
    case .formats: Image.Format.all.map { ($0.name, $0.summary) }
    case .releases: DebianBase.Suite.allCases.map { ($0.rawValue, "") }
    case .architectures:
      Architecture.allCases.map { architecture in
        (
          architecture.rawValue,
          "firmware: " + architecture.firmware.map(\.rawValue).joined(separator: ", ")
        )
      }
    }
  }
}
