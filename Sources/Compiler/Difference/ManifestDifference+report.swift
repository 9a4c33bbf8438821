package import Model

extension ManifestDifference {
  /// How much of a long text is shown, in lines.
  private static let limit = 40

  /// What people read: like a changelog; empty where nothing differs.
  package var text: String {
    var blocks: [String] = []
    if !facts.isEmpty {
      blocks.append(
        facts.map { fact in
          fact.isText ? "the recipe's text changed" : "\(fact.name): \(Self.arrow(fact))"
        }.joined(separator: "\n"))
    }
    for pipeline in Self.ordered(packages.map(\.pipeline)) {
      blocks.append(packageBlock(packages.filter { $0.pipeline == pipeline }, of: pipeline))
    }
    for pipeline in Self.ordered(settings.map(\.pipeline)) {
      let own = settings.filter { $0.pipeline == pipeline }
      blocks.append((["settings of \(pipeline)"] + own.map(Self.lines)).joined(separator: "\n"))
    }
    if !stages.isEmpty {
      let lines = stages.map { stage in
        "  \(stage.pipeline): \(stage.changed) of \(stage.count), from \(stage.stage)\(stage.origin.map { " (\($0))" } ?? "") on:"
          + " \(stage.cause)"
      }
      blocks.append((["stages with a new id"] + lines).joined(separator: "\n"))
    }
    return blocks.map { $0 + "\n" }.joined(separator: "\n")
  }

  /// The order in which changes of packages are told.
  static let kinds: [PackageChange.Kind] = [.added, .removed, .upgraded, .downgraded]

  /// `2 added, 1 upgraded`.
  static func counts(_ changes: [PackageChange]) -> String {
    kinds.compactMap { kind -> String? in
      let count = changes.count { $0.kind == kind }
      return count == 0 ? nil : "\(count) \(kind.rawValue)"
    }.joined(separator: ", ")
  }

  private func packageBlock(_ changes: [PackageChange], of pipeline: String) -> String {
    let lines = Self.kinds.flatMap { kind in
      changes.filter { $0.kind == kind }.map { change in
        "  \(kind.rawValue) \(Model.shown(change.name)) \(Self.arrow(change.old, change.new))"
      }
    }
    return (["packages of \(pipeline): \(Self.counts(changes))"] + lines)
      .joined(separator: "\n")
  }

  static func lines(_ change: SettingChange) -> String {
    let change = change.withoutSecrets
    let name = "  \(change.stage)\(change.option.isEmpty ? "" : " " + change.option)"
    let isLong = [change.old, change.new].contains { node in
      guard case .string(let text)? = node?.value else { return false }
      return text.has("\n")
    }
    if isLong, let old = change.old, let new = change.new {
      let changed = lineChanges(plain(old), plain(new))
      let left = changed.count - limit
      return ([name] + changed.prefix(limit) + (left > 0 ? ["    … and \(left) more lines"] : []))
        .joined(separator: "\n")
    }
    if change.old == nil { return "\(name): added \(short(shown(change.new)))" }
    if change.new == nil { return "\(name): removed \(short(shown(change.old)))" }
    return "\(name): \(short(shown(change.old))) → \(short(shown(change.new)))"
  }

  /// The lines that went and came.
  private static func lineChanges(_ old: String, _ new: String) -> [String] {
    func lines(_ text: String) -> [String] { text.parts(at: "\n", keepingEmpty: true) }
    return lines(new).difference(from: lines(old), by: { $0.isSame(as: $1) }).sorted {
      offset(of: $0) < offset(of: $1)
    }.map { change in
      switch change {
      case .remove(_, let line, _): "    - \(Model.shown(line))"
      case .insert(_, let line, _): "    + \(Model.shown(line))"
      }
    }
  }

  private static func offset(of change: CollectionDifference<String>.Change) -> Int {
    switch change {
    case .remove(let offset, _, _), .insert(let offset, _, _): offset
    }
  }

  private static func plain(_ node: Node) -> String {
    if case .string(let text) = node.value { return text }
    return shown(node)
  }

  private static func shown(_ node: Node?) -> String {
    node.map { String(decoding: $0.canonicalBytes, as: UTF8.self) } ?? "nothing"
  }

  private static func short(_ text: String) -> String {
    text.cut(to: 120)
  }

  static func arrow(_ fact: Fact) -> String {
    arrow(fact.old.map(short), fact.new.map(short))
  }

  private static func arrow(_ old: String?, _ new: String?) -> String {
    switch (old.map { Model.shown($0) }, new.map { Model.shown($0) }) {
    case (let old?, let new?): "\(old) → \(new)"
    case (nil, let new?): new
    case (let old?, nil): old
    case (nil, nil): ""
    }
  }

  static func ordered(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  /// The same for programs: what docs/commands.md says.
  package var node: Node {
    func optional(_ key: String, _ value: Node?) -> [(String, Node)] {
      value.map { [(key, $0)] } ?? []
    }
    return .object([
      ("different", .bool(!isEmpty)),
      (
        "facts",
        .list(
          facts.map {
            .object(
              [("name", .string($0.name))] + optional("old", $0.old.map(Node.string))
                + optional("new", $0.new.map(Node.string)))
          })
      ),
      (
        "packages",
        .list(
          packages.map {
            .object(
              [
                ("change", .string($0.kind.rawValue)), ("name", .string($0.name)),
                ("pipeline", .string($0.pipeline)),
              ] + optional("old", $0.old.map(Node.string))
                + optional("new", $0.new.map(Node.string)))
          })
      ),
      (
        "settings",
        .list(
          settings.map(\.withoutSecrets).map {
            .object(
              [
                ("option", .string($0.option)), ("pipeline", .string($0.pipeline)),
                ("stage", .string($0.stage)),
              ] + optional("old", $0.old) + optional("new", $0.new))
          })
      ),
      (
        "stages",
        .list(
          stages.map {
            .object([
              ("cause", .string($0.cause)), ("changed", .integer($0.changed)),
              ("count", .integer($0.count)), ("pipeline", .string($0.pipeline)),
              ("stage", .string($0.stage)),
            ])
          })
      ),
    ])
  }
}
