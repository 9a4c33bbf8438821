package import Model
internal import StageContracts

/// Files to put into the system.
package struct FilesModule: Module {
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

  package static let type = "files"
  package static let summary = FileCopies.summary
  package static let example = """
    - type: files
      files:
        - {source: files/motd, destination: /etc/motd}
        - destination: /etc/issue
          mode: "0644"
          content: |
            Debian, made from a recipe
    """
  package static let notes = """
    `source` is relative to the file that names it; a folder is copied with all that is in it.
    `content` is the text itself. Contents enter the manifest.
    """

  package var contents: [Content] { files.map(\.content) }
  package var destinations: [Located<String>] { files.map(\.destination) }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    [Step(placing: files.flatMap { $0.placed(contents) })]
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

extension FilesModule.Entry {
  /// The files that it stands for, where they go.
  fileprivate func placed(_ contents: Contents) -> [PlacedFile] {
    content.files(contents).map { file in
      PlacedFile(
        destination.value + (file.name.isEmpty ? "" : "/\(file.name)"), file.bytes,
        mode: mode ?? FileMode(bits: file.isExecutable ? 0o755 : 0o644), owner: owner,
        group: group)
    }
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
