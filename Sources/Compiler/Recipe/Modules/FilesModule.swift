package import Model

/// Files to put into the system.
package struct FilesModule: Sendable, Equatable {
  package var files: [Entry]

  /// One file, or one folder with all that is in it.
  package struct Entry: Sendable, Equatable {
    package var content: Content
    package var destination: Located<String>
    /// Nil for what the source has: 0755 where its owner may execute it, else 0644.
    package var mode: FileMode?
    package var owner: String
    package var group: String
  }

  /// Where a file's bytes come from.
  package enum Content: Sendable, Equatable {
    case text(String)
    /// A file or folder on this machine, its path seen from where the compiler runs.
    case path(Located<String>)
  }

  package static let schema = Schema<FilesModule>.object(
    Field("files", { $0.files }, .list(of: entry), "The files."),
    make: { FilesModule(files: $0) })

  private static let entry = Schema<FileWritten>.object(
    Field(
      optional: "source", { $0.source }, Schema<String>.localPath.located,
      "A file or folder, its path seen from the file that names it."),
    Field(optional: "content", { $0.content }, .string, "The file's text."),
    Field("destination", { $0.destination }, destination.located, "The absolute path."),
    Field(optional: "mode", { $0.mode }, FileMode.schema, "The permissions: \"0644\"."),
    Field("owner", { $0.owner }, owner, default: "root", "The owner: a name or a number."),
    Field("group", { $0.group }, owner, default: "root", "The group: a name or a number."),
    make: {
      FileWritten(source: $0, content: $1, destination: $2, mode: $3, owner: $4, group: $5)
    }
  ).mapped(
    { (written, node, problems) -> Entry? in
      let content: Content
      switch (written.source, written.content) {
      case (let source?, nil): content = .path(source)
      case (nil, let text?): content = .text(text)
      default:
        problems.report(
          "a file needs 'source' or 'content', and not both", at: node.mark,
          remedy: "add 'source: files/name', or 'content: |' and the text below it")
        return nil
      }
      return Entry(
        content: content, destination: written.destination, mode: written.mode,
        owner: written.owner, group: written.group)
    },
    { entry in
      var written = FileWritten(
        destination: entry.destination, mode: entry.mode, owner: entry.owner, group: entry.group)
      switch entry.content {
      case .text(let text): written.content = text
      case .path(let path): written.source = path
      }
      return written
    })

  private static let owner: Schema<String> = .text(
    "[a-z_][a-z0-9_-]{0,31}|0|[1-9][0-9]{0,8}", "owner",
    "write a user's name, or a number in quotes")

  private static let destination = Schema<String>.string.refusing { path in
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    let example = "write an absolute path such as /etc/motd"
    guard path.hasPrefix("/"), path.utf8.count < 4096 else {
      return ("the destination '\(path.shortened)' is not absolute", example)
    }
    guard !parts.contains(where: { ["", ".", ".."].contains($0) }), !path.contains("\0") else {
      return ("the destination '\(path.shortened)' has an empty part, '.' or '..'", example)
    }
    if let first = parts.first, ["proc", "sys", "dev", "run", "tmp"].contains(first) {
      return (
        "/\(first) is not part of an image: it is made anew at every boot",
        "choose another folder; tmpfiles.d(5) can make files there at boot"
      )
    }
    return nil
  }
}

/// An entry as it is written.
private struct FileWritten: Sendable {
  var source: Located<String>?
  var content: String?
  var destination: Located<String>
  var mode: FileMode?
  var owner: String
  var group: String
}

extension Schema where Value == String {
  /// A path of this machine, made relative to the folder of the file that names it.
  static var localPath: Self {
    string.mapped(
      { path, node, problems in
        guard !path.isEmpty, !path.contains("\0") else {
          problems.report("the path is empty", at: node.mark, remedy: "name a file or a folder")
          return nil
        }
        return path.resolved(besideFile: node.mark?.file ?? "")
      }, { $0 })
  }
}

extension String {
  /// This path, taken from the folder that `file` is in unless it is absolute.
  func resolved(besideFile file: String) -> String {
    guard !hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return self }
    return file[...slash] + self
  }
}
