/// Files that the recipe has where the build also writes, or removes what it finds.
struct OwnFiles {
  /// Their paths, where others are removed.
  var kept: [String]
  /// Whether the lines of the tree's /etc/fstab are the recipe's, or a package's: a container's are those of another
  /// machine, unless the recipe has written all of them.
  var hasMounts: Bool

  init(of recipe: Recipe, _ contents: Contents) {
    kept = recipe.keptFiles(contents)
    if case .debian = recipe.base {
      hasMounts = true
    } else {
      hasMounts = recipe.hasMountTable(contents)
    }
  }
}
