package import Model
internal import StageContracts

/// Files to put into the system.
package struct FilesModule: Module {
  package var files: [Entry]
  var directories: [Located<FileCopies.Directory>]
  var links: [Located<FileCopies.Link>]
  var remove: [Located<String>]

  /// One file, or one folder with all that is in it.
  package struct Entry: Sendable, Equatable {
    package var content: Content
    package var destination: Located<String>
    /// Nil for what the source has: 0755 where its owner may execute it, else 0644.
    package var mode: FileMode?
    package var owner: String
    package var group: String
    /// Values as setfattr(1) takes them: a text, or 0x and hexadecimal digits.
    package var attributes: [String: String]
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
        - source: files/app.conf
          destination: /etc/app.conf
          template: true
          xattrs: {user.origin: recipe}
      directories:
        - {path: /srv/data, mode: "2775", group: users}
      links:
        - {path: /usr/local/bin/vi, target: /usr/bin/vim.tiny}
      remove: [/etc/update-motd.d/10-uname]
    """
  package static let notes = """
    `source` is relative to the file that names it; a folder is copied with all that is in it.
    `content` is the text itself. Contents enter the manifest.

    With `template: true` the values of [variables](../variables.md) are put where `${{ name }}` stands in the
    file, or in all files of the folder. In `content` they are in any case. `xattrs` has extended attributes,
    `user.` and a name, or `security.capability`; a value is a text, or `0x` and the bytes in hexadecimal digits,
    as `getfattr -e hex` prints them.

    In one module what `remove` names goes first, then come folders, files and links. What is to be removed
    has to be there, or the build fails: a path that a package changed is not overlooked.
    """

  package var contents: [Content] { files.map(\.content) }
  package var destinations: [Located<String>] {
    files.map(\.destination) + links.map { Located($0.value.path, at: $0.mark) }
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    [
      Step(
        placing: files.flatMap { $0.placed(contents) }, remove: remove.map(\.value),
        directories: directories.map(\.value), links: links.map(\.value))
    ]
  }

  package static let schema = Schema<FilesModule>.object(
    Field("files", { $0.files }, .list(of: entry), default: [], "The files."),
    Field(
      "directories", { $0.directories }, .list(of: directory.located), default: [],
      "Folders to make, or to give other permissions."),
    Field("links", { $0.links }, .list(of: link.located), default: [], "Symbolic links to make."),
    Field(
      "remove", { $0.remove },
      Schema<[Located<String>]>.list(of: destination.located).refusingRepeated("path"),
      default: [], "Files and folders to remove."),
    make: { FilesModule(files: $0, directories: $1, links: $2, remove: $3) }
  ).mapped(
    { (module, node, problems) -> FilesModule? in
      if module.files.isEmpty, module.directories.isEmpty, module.links.isEmpty,
        module.remove.isEmpty
      {
        problems.report(
          "the module does nothing", at: node.mark,
          remedy: "add 'files', 'directories', 'links' or 'remove'")
        return nil
      }
      return module
    }, { $0 })

  private static let directory = Schema<FileCopies.Directory>.object(
    Field("path", { $0.path }, destination, "The absolute path."),
    Field(
      "mode", { $0.mode }, FileMode.schema, default: FileMode(bits: 0o755),
      "The permissions: \"0755\"."),
    Field("owner", { $0.owner }, owner, default: "root", "The owner: a name or a number."),
    Field("group", { $0.group }, owner, default: "root", "The group: a name or a number."),
    make: { FileCopies.Directory(path: $0, mode: $1, owner: $2, group: $3) })

  private static let link = Schema<FileCopies.Link>.object(
    Field("path", { $0.path }, destination, "The absolute path of the link."),
    Field(
      "target", { $0.target },
      .text("[^\\x00-\\x1f\\x7f]+", "target of a link", "write a path, absolute or from the link"),
      "Where it leads, absolute or seen from the link."),
    make: { FileCopies.Link(path: $0, target: $1) })

  private static let entry = Schema<FileWritten>.object(
    Field(
      optional: "source", { $0.source }, Schema<String>.localPath.located,
      "A file or folder, its path seen from the file that names it."),
    Field(optional: "content", { $0.content }, .string, "The file's text."),
    Field(
      "template", { $0.isTemplate }, Schema<Bool>.bool.located, default: Located(false),
      "Whether variables are filled in."),
    Field("destination", { $0.destination }, destination.located, "The absolute path."),
    Field(optional: "mode", { $0.mode }, FileMode.schema, "The permissions: \"0644\"."),
    Field("owner", { $0.owner }, owner, default: "root", "The owner: a name or a number."),
    Field("group", { $0.group }, owner, default: "root", "The group: a name or a number."),
    Field("xattrs", { $0.attributes }, attributes, default: [:], "Its extended attributes."),
    make: {
      FileWritten(
        source: $0, content: $1, isTemplate: $2, destination: $3, mode: $4, owner: $5, group: $6,
        attributes: $7)
    }
  ).mapped(
    { (written, node, problems) -> Entry? in
      let content: Content
      switch (written.source, written.content) {
      case (let source?, nil):
        content = written.isTemplate.value ? .template(source) : .path(source)
      case (nil, let text?):
        if written.isTemplate.value {
          problems.report(
            "'template' is for files: variables are filled into 'content' anyway",
            at: written.isTemplate.mark, remedy: "remove it, or name a file with 'source'")
        }
        content = .text(text)
      default:
        problems.report(
          "a file needs 'source' or 'content', and not both", at: node.mark,
          remedy: "add 'source: files/name', or 'content: |' and the text below it")
        return nil
      }
      return Entry(
        content: content, destination: written.destination, mode: written.mode,
        owner: written.owner, group: written.group, attributes: written.attributes)
    },
    { entry in
      var written = FileWritten(
        isTemplate: Located(false), destination: entry.destination, mode: entry.mode,
        owner: entry.owner, group: entry.group, attributes: entry.attributes)
      switch entry.content {
      case .text(let text): written.content = text
      case .path(let path): written.source = path
      case .template(let path):
        written.source = path
        written.isTemplate = Located(true)
      }
      return written
    })

  private static let owner: Schema<String> = .text(
    "[a-z_][a-z0-9_-]{0,31}|0|[1-9][0-9]{0,8}", "owner",
    "write a user's name, or a number in quotes")

  private static let attributes = Schema<[String: String]>.map(
    of: .text(
      "0x([0-9a-f]{2})*|(?!0x)[^\\x00]*", "value of an attribute",
      "write a text, or 0x and pairs of lower-case hexadecimal digits")
  ).refusing { attributes in
    let bad = attributes.keys.inByteOrder().first { name in
      name != "security.capability" && !name.fits("user\\.[^\\x00]{1,250}")
    }
    return bad.map {
      (
        "'\($0.shortened)' is no extended attribute that an image can have",
        "write user. and a name, or security.capability"
      )
    }
  }

  private static let destination = Schema<String>.string.refusing { path in
    let parts = path.parts(at: "/", keepingEmpty: true).dropFirst()
    let example = "write an absolute path such as /etc/motd"
    guard path.begins(with: "/"), path.utf8.count < 4096 else {
      return ("the destination '\(path.shortened)' is not absolute", example)
    }
    guard !parts.contains(where: { ["", ".", ".."].has($0) }), !path.has("\0") else {
      return ("the destination '\(path.shortened)' has an empty part, '.' or '..'", example)
    }
    if let first = parts.first, ["proc", "sys", "dev", "run", "tmp"].has(first) {
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
        group: group, attributes: attributes)
    }
  }
}

/// An entry as it is written.
private struct FileWritten: Sendable {
  var source: Located<String>?
  var content: String?
  var isTemplate: Located<Bool>
  var destination: Located<String>
  var mode: FileMode?
  var owner: String
  var group: String
  var attributes: [String: String]
}

extension Schema where Value == String {
  /// A path of this machine, made relative to the folder of the file that names it.
  static var localPath: Self {
    string.mapped(
      { path, node, problems in
        guard !path.isEmpty, !path.has("\0") else {
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
    guard !begins(with: "/"), let (folder, _) = file.cut(atLast: "/") else { return self }
    return folder + "/" + self
  }
}
