internal import Model

/// Where a file's bytes come from.
package enum Content: Sendable, Equatable {
  case text(String)
  /// A file or folder on this machine, its path seen from where the compiler runs.
  case path(Located<String>)
  /// The same, with the values of variables where `${{ name }}` stands in it.
  case template(Located<String>)

  /// The files that it stands for.
  func files(_ contents: Contents) -> [Contents.File] {
    switch self {
    case .text(let text): [Contents.File(name: "", bytes: Array(text.utf8), isExecutable: false)]
    case .path(let path): contents.files[ByteString(path.value)] ?? []
    case .template(let path): contents.filled[ByteString(path.value)] ?? []
    }
  }

  /// The text of the one file that it stands for.
  package func text(_ contents: Contents) -> String {
    String(decoding: files(contents).flatMap(\.bytes), as: UTF8.self)
  }
}
