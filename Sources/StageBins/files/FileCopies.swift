package import Model

/// Puts files into the tree.
///
/// Input `files`: their contents, each named by its own digest's hexadecimal digits.
package struct FileCopies: StageContract {
  package var files: [File]

  package struct File: Sendable, Equatable {
    /// The name in the input.
    package var source: String
    package var destination: String
    package var mode: FileMode
    /// A name or a number.
    package var owner: String
    /// A name or a number.
    package var group: String

    package init(
      source: String, destination: String, mode: FileMode, owner: String, group: String
    ) {
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
      make: { File(source: $0, destination: $1, mode: $2, owner: $3, group: $4) })
  }

  package static let name = "files"
  package static let version = 1
  package static let summary = "Put files into the tree."
  package static let stance = Stance.inTree
  package static let schema = Schema<Self>.object(
    Field("files", { $0.files }, .list(of: File.schema), "The files."),
    make: { FileCopies(files: $0) })

  package init(files: [File]) { self.files = files }
}
