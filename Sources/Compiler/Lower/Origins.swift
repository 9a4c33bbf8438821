internal import Model

/// Tells where in a recipe the stages come from.
struct Origins {
  /// The recipe's folder, with the slash at its end.
  private let folder: String

  /// - Parameter recipe: The path of the recipe, as the marks have it.
  init(recipe: String) {
    folder = recipe.cut(atLast: "/").map { "\($0.0)/" } ?? ""
  }

  /// The steps, with the place that they come from where they have none yet.
  ///
  /// - Parameters:
  ///   - steps: Stages to be.
  ///   - mark: Where in the recipe or a file of it their reason is; nil for steps that stand nowhere.
  ///   - part: A module's type, `base`, or `image` and its name.
  /// - Returns: The same steps.
  func marking(_ steps: [Step], from mark: Mark?, _ part: String) -> [Step] {
    guard let mark else { return steps }
    // All checkouts of a project compile to the same bytes.
    let file =
      mark.file.begins(with: folder)
      ? String(mark.file.dropFirst(folder.count)).normalisedPath : mark.file
    let origin = Origin(file: file, line: mark.line, part: part)
    return steps.map { step in
      var step = step
      step.origin = step.origin ?? origin
      return step
    }
  }

  /// The same for the steps of pipelines to be.
  func marking(_ drafts: [Draft], from mark: Mark?, _ part: String) -> [Draft] {
    drafts.map { draft in
      var draft = draft
      draft.steps = marking(draft.steps, from: mark, part)
      return draft
    }
  }
}
