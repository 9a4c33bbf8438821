/// Where in a recipe a stage comes from: for people, and outside all ids.
package struct Origin: Sendable, Hashable {
  /// The file, its path seen from the recipe's folder.
  package var file: String
  /// Counted from 1.
  package var line: Int
  /// A module's type, `base`, or `image` and its name.
  package var part: String

  package init(file: String, line: Int, part: String) {
    self.file = file
    self.line = line
    self.part = part
  }

  package static let schema = Schema<Origin>.object(
    Field("file", { $0.file }, .string, "The file, its path seen from the recipe's folder."),
    Field("line", { $0.line }, .integer(1...Int.max), "The line, counted from 1."),
    Field(
      "part", { $0.part }, .string, "A module's type, the base, or an image and its name."),
    make: { Origin(file: $0, line: $1, part: $2) })
}

extension Origin: CustomStringConvertible {
  /// `common/server.yml:12 firewall`.
  package var description: String { "\(shown(file)):\(line) \(shown(part))" }
}
