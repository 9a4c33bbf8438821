package import Model

extension Report {
  /// Diagnostics as a JSON array of objects with `severity`, `problem` and, where they are known,
  /// `file`, `line`, `column`, `length` (in characters), `path` and `remedy`.
  package static func json(_ diagnostics: [Diagnostic]) -> Node {
    .list(
      diagnostics.map { diagnostic in
        var members: [(String, Node)] = [
          ("severity", .string(diagnostic.severity.rawValue)),
          ("problem", .string(diagnostic.problem)),
        ]
        if let mark = diagnostic.mark {
          members += [
            ("file", .string(mark.file)), ("line", .integer(mark.line)),
            ("column", .integer(mark.column)), ("length", .integer(mark.length)),
          ]
        }
        if !diagnostic.path.isEmpty { members.append(("path", .string(diagnostic.path))) }
        if let remedy = diagnostic.remedy { members.append(("remedy", .string(remedy))) }
        return .object(members)
      })
  }

  /// Why a recipe came to no manifest, in the same form.
  package static func json(_ error: CompileError) -> Node {
    switch error {
    case .recipe(let refusal), .resolving(let refusal): json(refusal.diagnostics)
    case .failure(let failure):
      json([
        Diagnostic(
          "cannot \(failure.operation) \(failure.object): \(failure.cause)",
          remedy: failure.remedy)
      ])
    }
  }
}
