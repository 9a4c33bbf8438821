internal import Files
internal import Glibc
package import Model
internal import YAML

extension Recipe {
  /// A recipe and the bytes it was read from.
  package struct Document: Sendable {
    package var recipe: Recipe
    package var bytes: [UInt8]
    /// What the recipe's files and scripts hold, by the paths the recipe has.
    package var contents: Contents
  }

  /// Reads a recipe with the files it names.
  ///
  /// - Parameter path: Where the recipe is; diagnostics call it that.
  /// - Returns: The recipe, which can only be right.
  /// - Throws: All that is wrong with it.
  package static func read(_ path: String) throws(Refusal) -> Document {
    let bytes: [UInt8]
    do { bytes = try Files.readDocument(path) } catch {
      throw Refusal(diagnostics: [
        Diagnostic(
          "cannot read '\(path)': \(error.cause)", remedy: "name the recipe's file")
      ])
    }
    let node = try Includes.expand(try YAML.parse(bytes, file: path))
    var problems = Problems()
    let decoded = schema.decode(node, &problems)
    guard let recipe = decoded else { throw Refusal(diagnostics: problems.diagnostics) }
    recipe.check(&problems)
    let contents = Contents.read(for: recipe, &problems)
    if problems.hasErrors { throw Refusal(diagnostics: problems.diagnostics) }
    return Document(recipe: recipe, bytes: bytes, contents: contents)
  }
}

extension Files {
  /// The largest document that is read, in bytes.
  private static let documentLimit = 4 << 20

  /// Reads a file a person wrote; refuses what is no file, and what is too large for one.
  static func readDocument(_ path: String) throws(Failure) -> [UInt8] {
    var info = stat()
    guard stat(path, &info) == 0 else { throw .system("read", path) }
    guard info.st_mode & S_IFMT == S_IFREG || info.st_mode & S_IFMT == S_IFIFO else {
      throw Failure("read", path, cause: "it is not a file")
    }
    guard info.st_size <= documentLimit else {
      throw Failure("read", path, cause: "it is larger than 4MiB")
    }
    return try read(path)
  }
}
