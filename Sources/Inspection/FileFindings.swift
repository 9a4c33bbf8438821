internal import Model
internal import Runner
internal import Trees

extension [FileFinding] {
  /// So many are shown to people, and looked into.
  static var limit: Int { 20 }

  /// A line for each file, and beneath it where its content begins to differ.
  var text: String {
    let lines = prefix(Self.limit).map { file in
      "  \(file.path.shown): \(file.words.joined(separator: ", "))\n"
        + (file.excerpt?.indented ?? "")
    }
    return lines.joined()
      + (count > Self.limit ? "  and \(count - Self.limit) more files\n" : "")
  }

  var node: Node {
    .list(
      map { file in
        .object([
          ("differs", .list(file.words.map { .string($0) })),
          ("path", .string(file.path.text ?? file.path.shown)),
        ])
      })
  }
}

extension FileFinding {
  /// As the image's own system would call it.
  fileprivate var path: ByteString { difference.path == "." ? "/" : "/" + difference.path }

  /// In what it differs.
  fileprivate var words: [String] {
    difference.kinds.map { kind in
      switch kind {
      case .missing: "removed"
      case .extra: "added"
      default: kind.rawValue
      }
    }
  }
}

extension Excerpt {
  var indented: String { lines.map { "    \($0)\n" }.joined() }
}
