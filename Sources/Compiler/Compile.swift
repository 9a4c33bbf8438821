internal import Hashing
package import Model

/// Why a recipe came to no manifest.
package enum CompileError: Error, Sendable, Equatable {
  /// The recipe or the command line is wrong.
  case recipe(Refusal)
  /// The recipe is well written, but asks for what there is not.
  case resolving(Refusal)
  /// The machine or the network failed.
  case failure(Failure)

  /// The exit status that tells it.
  package var exitStatus: Int32 {
    switch self {
    case .recipe: 2
    case .resolving, .failure: 1
    }
  }

  init(_ error: ResolveError) {
    self =
      switch error {
      case .refusal(let refusal): .resolving(refusal)
      case .failure(let failure), .damagedLists(let failure): .failure(failure)
      }
  }
}

/// Compiles a recipe.
///
/// - Parameters:
///   - path: Where the recipe is.
///   - architecture: One of those the recipe names; nil for this machine's own where
///     the recipe names it, else the first of them.
///   - settings: How packages are resolved.
///   - variables: Values of the recipe's variables.
///   - allowed: Folders that the recipe may read from, beside its project.
///   - warn: Is given what is to be told, though nothing is refused.
/// - Returns: The manifest: the same for the same recipe and the same archive.
/// - Throws: Why there is none.
package func compile(
  _ path: String, for architecture: String? = nil,
  _ settings: ResolveSettings = ResolveSettings(), variables: [Setting] = [],
  allowing allowed: [String] = [], warn: ([Diagnostic]) -> Void = { _ in }
) throws(CompileError) -> Manifest {
  let document: Recipe.Document
  do { document = try Recipe.read(path, for: architecture, variables, allowing: allowed) } catch {
    throw .recipe(error)
  }
  let target = document.architecture
  let lock: Lock
  do { lock = try resolve(document, for: target, settings) } catch { throw CompileError(error) }
  let warnings = document.warnings + lock.warnings
  if !warnings.isEmpty { warn(warnings) }
  return lower(
    document.recipe, digest: SHA256.digest(document.bytes), with: lock, for: target)
}
