package import Model

/// Puts files, folders and links into the tree, and removes what is there: first it removes, then it
/// makes folders, files, hard links and symbolic links.
///
/// Input `files`: their contents, each named by its own digest's hexadecimal digits.
package struct FileCopies: StageContract {
  package var remove: [String]
  package var directories: [Directory]
  package var files: [File]
  package var links: [Link]
  /// Further names of files, each by the absolute path of one that is there.
  package var hardLinks: [Link]

  package struct Directory: Sendable, Equatable {
    package var path: String
    package var mode: FileMode
    /// A name or a number.
    package var owner: String
    /// A name or a number.
    package var group: String
    /// Whether to keep an existing one as it is.
    package var isKept: Bool

    package init(
      path: String, mode: FileMode, owner: String, group: String, isKept: Bool = false
    ) {
      self.isKept = isKept
      self.path = path
      self.mode = mode
      self.owner = owner
      self.group = group
    }

    package static let schema = Schema<Directory>.object(
      Field("path", { $0.path }, .string, "The absolute path in the tree."),
      Field("mode", { $0.mode }, FileMode.schema, "The permissions."),
      Field("owner", { $0.owner }, .string, default: "root", "The owner: a name or a number."),
      Field("group", { $0.group }, .string, default: "root", "The group: a name or a number."),
      Field(
        optional: "keep", { $0.isKept ? true : nil }, .bool,
        "Whether to keep an existing one as it is."),
      make: { Directory(path: $0, mode: $1, owner: $2, group: $3, isKept: $4 ?? false) })
  }

  package struct Link: Sendable, Equatable {
    package var path: String
    package var target: String

    package init(path: String, target: String) {
      self.path = path
      self.target = target
    }

    package static let schema = Schema<Link>.object(
      Field("path", { $0.path }, .string, "The absolute path of the link."),
      Field("target", { $0.target }, .string, "The target of the link."),
      make: { Link(path: $0, target: $1) })
  }

  package struct File: Sendable, Equatable {
    /// The name in the input.
    package var source: String
    package var destination: String
    package var mode: FileMode
    /// A name or a number.
    package var owner: String
    /// A name or a number.
    package var group: String
    /// Extended attributes: a text, or 0x and hexadecimal digits.
    package var attributes: [String: String]

    package init(
      source: String, destination: String, mode: FileMode, owner: String, group: String,
      attributes: [String: String] = [:]
    ) {
      self.attributes = attributes
      self.source = source
      self.destination = destination
      self.mode = mode
      self.owner = owner
      self.group = group
    }

    package static let schema = Schema<File>.object(
      Field("source", { $0.source }, .string, "The content's name in the input."),
      Field("destination", { $0.destination }, .string, "The absolute path in the tree."),
      Field("mode", { $0.mode }, FileMode.schema, "The permissions."),
      Field("owner", { $0.owner }, .string, default: "root", "The owner: a name or a number."),
      Field("group", { $0.group }, .string, default: "root", "The group: a name or a number."),
      Field(
        optional: "xattrs", { $0.attributes.isEmpty ? nil : $0.attributes }, .map(of: .string),
        "Its extended attributes: a text, or 0x and hexadecimal digits."),
      make: {
        File(
          source: $0, destination: $1, mode: $2, owner: $3, group: $4, attributes: $5 ?? [:])
      })
  }

  package static let name = "files"
  package static let version = 3
  package static let summary = "Add files, directories and links, or remove them."
  package static let stance = Stance.inTree
  package static let schema = Schema<Self>.object(
    Field(
      "remove", { $0.remove }, .list(of: .string), default: [],
      "The paths to remove, directories with everything in them; `*` and `?` match parts of a name."
    ),
    Field(
      "directories", { $0.directories }, .list(of: Directory.schema), default: [],
      "The directories."),
    Field("files", { $0.files }, .list(of: File.schema), default: [], "The files."),
    Field("links", { $0.links }, .list(of: Link.schema), default: [], "The symbolic links."),
    Field(
      optional: "hard-links", { $0.hardLinks.isEmpty ? nil : $0.hardLinks },
      .list(of: Link.schema), "Hard links, whose targets are absolute paths."),
    make: { FileCopies(files: $2, remove: $0, directories: $1, links: $3, hardLinks: $4 ?? []) })

  package init(
    files: [File], remove: [String] = [], directories: [Directory] = [], links: [Link] = [],
    hardLinks: [Link] = []
  ) {
    self.hardLinks = hardLinks
    self.files = files
    self.remove = remove
    self.directories = directories
    self.links = links
  }
}
