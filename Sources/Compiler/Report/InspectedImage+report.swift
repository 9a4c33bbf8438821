package import Model

extension InspectedImage {
  /// What people read: a row for each fact, and none for what the image does not say.
  package var text: String {
    let process = known.process
    let isOne = platforms == ["linux/\(architecture.rawValue)"]
    let offer = isOne ? "" : ", of \(platforms.joined(separator: ", "))"
    let rows: [(name: String, lines: [String])] = [
      ("reference", [reference]),
      ("manifest", reference.hasSuffix("\(known.manifest)") ? [] : ["\(known.manifest)"]),
      ("architecture", [architecture.rawValue + offer]),
      ("created", created.map { ["\($0)"] } ?? []),
      ("layers", ["\(layers.count), \(ByteCount(size))"] + layers.map(Self.line)),
      ("entry point", Self.words(process.entrypoint)),
      ("command", Self.words(process.command)),
      ("environment", Self.pairs(process.environment)),
      ("user", process.user.isEmpty ? [] : [process.user]),
      ("directory", process.workingDirectory.isEmpty ? [] : [process.workingDirectory]),
      ("ports", process.ports.isEmpty ? [] : [process.ports.joined(separator: ", ")]),
      ("volumes", process.volumes),
      ("stop signal", process.stopSignal.isEmpty ? [] : [process.stopSignal]),
      ("labels", Self.pairs(process.labels)),
    ]
    return rows.flatMap { name, lines in
      lines.enumerated().map { index, line in
        let title = index == 0 ? name : ""
        return title + String(repeating: " ", count: 14 - title.count) + shown(line) + "\n"
      }
    }.joined()
  }

  private static func line(_ layer: Layer) -> String {
    "\(layer.digest)  \(ByteCount(layer.size))"
  }

  /// As a recipe has them.
  private static func words(_ words: [String]) -> [String] {
    let texts = words.map { String(decoding: Node.string($0).canonicalBytes, as: UTF8.self) }
    return texts.isEmpty ? [] : ["[\(texts.joined(separator: ", "))]"]
  }

  private static func pairs(_ pairs: [String: String]) -> [String] {
    pairs.sorted { $0.key.precedes($1.key) }.map { "\($0.key)=\($0.value)" }
  }

  /// The same for programs, with all members but `created` always: what docs/commands.md says.
  package var members: [(String, Node)] {
    func texts(_ texts: [String]) -> Node { .list(texts.map(Node.string)) }
    func map(_ pairs: [String: String]) -> Node {
      .object(pairs.map { ($0.key, .string($0.value)) })
    }
    let process = known.process
    return [
      ("name", .string(known.reference)), ("reference", .string(reference)),
      ("digest", .string("\(digest)")), ("manifest", .string("\(known.manifest)")),
      ("config", .string("\(known.config)")),
      ("architecture", .string(architecture.rawValue)), ("platforms", texts(platforms)),
      (
        "layers",
        .list(
          layers.map {
            .object([("digest", .string("\($0.digest)")), ("size", .integer($0.size))])
          })
      ),
      ("size", .integer(size)), ("entrypoint", texts(process.entrypoint)),
      ("command", texts(process.command)), ("environment", map(process.environment)),
      ("user", .string(process.user)), ("working-directory", .string(process.workingDirectory)),
      ("ports", texts(process.ports)), ("volumes", texts(process.volumes)),
      ("stop-signal", .string(process.stopSignal)),
      ("labels", map(process.labels)),
    ] + (created.map { [("created", .string("\($0)"))] } ?? [])
  }
}
