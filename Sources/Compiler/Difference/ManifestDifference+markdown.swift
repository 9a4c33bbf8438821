internal import Model

extension ManifestDifference {
  /// The same in Markdown, for a job's summary or a comment on a change (GitHub's and GitLab's dialect).
  package var markdown: String {
    if isEmpty { return "No differences.\n" }
    var blocks: [String] = []
    if !facts.isEmpty {
      let rows = facts.map { fact in
        fact.isText
          ? ["the recipe's text", "", "changed"] : [fact.name, fact.old ?? "", fact.new ?? ""]
      }
      blocks.append(Markdown.table(["", "before", "after"], rows))
    }
    for pipeline in Self.ordered(packages.map(\.pipeline)) {
      let own = packages.filter { $0.pipeline == pipeline }
      let rows = Self.kinds.flatMap { kind in
        own.filter { $0.kind == kind }.map {
          [kind.rawValue, $0.name, $0.old ?? "", $0.new ?? ""]
        }
      }
      blocks.append("### Packages of \(Markdown.text(pipeline)): \(Self.counts(own))")
      blocks.append(Markdown.table(["change", "package", "before", "after"], rows))
    }
    for pipeline in Self.ordered(settings.map(\.pipeline)) {
      let own = settings.filter { $0.pipeline == pipeline }
      blocks.append("### Settings of \(Markdown.text(pipeline))")
      let lines = own.map(Self.lines).joined(separator: "\n").parts(at: "\n", keepingEmpty: true)
      // What shows a difference in colour looks at the first character of a line.
      let flush = lines.map { line in
        ["    + ", "    - "].contains { line.begins(with: $0) } ? String(line.dropFirst(4)) : line
      }
      blocks.append(Markdown.code(flush.joined(separator: "\n"), language: "diff"))
    }
    if !stages.isEmpty {
      let rows = stages.map { stage in
        [
          stage.pipeline, "\(stage.changed) of \(stage.count)", stage.stage,
          stage.origin?.description ?? "", stage.cause,
        ]
      }
      blocks.append("### Stages to run again")
      blocks.append(Markdown.table(["pipeline", "stages", "from", "recipe", "why"], rows))
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }
}
