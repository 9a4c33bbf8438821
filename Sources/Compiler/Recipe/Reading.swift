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
    /// The one that it is read for.
    package var architecture: Architecture
    /// What is to be told, though nothing is refused.
    package var warnings: [Diagnostic]
  }

  /// Reads a recipe with the files it names.
  ///
  /// - Parameters:
  ///   - path: Where the recipe is; diagnostics call it that.
  ///   - architecture: One of those the recipe names; nil for this machine's own where the recipe
  ///     names it, else the first of them.
  ///   - settings: Values of its variables.
  ///   - allowed: Folders that it may read from, beside its project.
  /// - Returns: The recipe, which can only be right.
  /// - Throws: All that is wrong with it.
  package static func read(
    _ path: String, for architecture: String? = nil, _ settings: [Setting] = [],
    allowing allowed: [String] = []
  ) throws(Refusal) -> Document {
    let project = try Project(of: path, allowing: allowed)
    let bytes: [UInt8]
    // In a stranger's work tree a recipe can be a link to any file, and messages show lines of it.
    do {
      bytes =
        project.isWorkTree
        ? try Files.readDocument(path, in: project) : try Files.readDocument(path)
    } catch {
      throw Refusal(diagnostics: [
        Diagnostic(
          "cannot read '\(path)': \(error.cause)",
          remedy: error.remedy ?? "name the recipe file")
      ])
    }
    let whole = try Includes.expand(try YAML.parse(bytes, file: path), in: project)
    let variables = try variables(of: whole)
    let values = try variables.values(settings)
    let (node, used) = try Interpolation.apply(values, of: variables, to: whole)
    var problems = Problems()
    problems.guide = guide
    guard let written = schema.decode(node, &problems) else {
      throw Refusal(diagnostics: problems.diagnostics)
    }
    written.check(&problems)
    let chosen = try written.choose(architecture)
    let recipe = written.recipe(for: chosen, values)
    if recipe.images.isEmpty, let image = written.images.first {
      problems.report(
        "the conditions exclude all images", at: image.mark,
        remedy: "remove 'when' from an image, or compile with another --arch or --set")
    }
    recipe.check(&problems)
    let contents = Contents.read(for: recipe, on: chosen, in: project, variables, &problems)
    // What a module that is not wanted this time has in its templates is not known.
    if recipe.modules.count == written.modules.count {
      written.reportUnused(beside: used.union(contents.usedVariables), &problems)
    }
    if problems.hasErrors { throw Refusal(diagnostics: problems.diagnostics) }
    return Document(
      recipe: recipe, bytes: bytes, contents: contents, architecture: chosen,
      warnings: problems.diagnostics)
  }

  private static func variables(of recipe: Node) throws(Refusal) -> Variables {
    guard let node = recipe["variables"] else { return Variables(declared: []) }
    var problems = Problems()
    let variables = problems.inside(.key("variables")) { Variables.schema.decode(node, &$0) }
    guard let variables, !problems.hasErrors else {
      throw Refusal(diagnostics: problems.diagnostics)
    }
    return variables
  }
}

extension Files {
  /// The largest document that is read, in bytes.
  private static let documentLimit = 4 << 20

  /// Reads a file a person wrote, and names on the command line: also what comes through a pipe.
  ///
  /// Refuses what is no file, and what is too large for one.
  static func readDocument(_ path: String) throws(Failure) -> [UInt8] {
    var info = stat()
    guard stat(path, &info) == 0 else { throw .system("read", path) }
    guard info.st_mode & S_IFMT == S_IFREG || info.st_mode & S_IFMT == S_IFIFO else {
      throw Failure("read", path, cause: "it is not a file")
    }
    return try whole(try FileDescriptor.open(path, O_RDONLY | O_NOCTTY), path)
  }

  /// Reads a file a person wrote, and names in a recipe.
  static func readDocument(_ path: String, in project: Project) throws(Failure) -> [UInt8] {
    let file = try project.open(path)
    guard try file.information().st_mode & S_IFMT == S_IFREG else {
      throw Failure("read", path, cause: "it is not a file")
    }
    return try whole(file, path)
  }

  private static func whole(_ file: borrowing FileDescriptor, _ path: String) throws(Failure)
    -> [UInt8]
  {
    if let bytes = try file.readAll(limit: documentLimit) { return bytes }
    throw Failure(
      "read", path, cause: "it is larger than 4MiB",
      remedy: "put large texts into files, and refer to them with 'source'")
  }
}
