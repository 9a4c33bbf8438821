/// A place in a file a person wrote: where a value begins.
package struct Mark: Sendable, Hashable {
  /// The file as the person named it.
  package var file: String
  /// Counted from 1.
  package var line: Int
  /// Counted from 1, in Unicode scalars.
  package var column: Int
  /// How many columns of that line the value covers; at least 1.
  package var length: Int

  package init(file: String, line: Int, column: Int, length: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
    self.length = max(1, length)
  }
}
