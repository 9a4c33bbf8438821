internal import Model
internal import Runner
internal import Trees

extension [FileFinding] {
  /// A line for each file, and beneath it where its content begins to differ.
  var text: String {
    let lines = prefix(FileFinding.limit).map { file in
      "  \(file.path.shown): \(file.words.joined(separator: ", "))\n"
        + (file.excerpt?.indented ?? "")
    }
    return lines.joined()
      + (count > FileFinding.limit ? "  and \(count - FileFinding.limit) more files\n" : "")
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
