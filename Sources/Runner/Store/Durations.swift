internal import Files
internal import Hashing
internal import Model

/// How long stages took in earlier builds, to guess how long they will take.
///
/// `durations/<hex>` in the store has the milliseconds of the last run, by what the stage is called:
/// its place in the recipe and, for a place that is new, its type alone.
package struct Durations: Sendable {
  private let folder: String
  private let recipe: String

  package init(in store: Store, recipe: String) {
    folder = store.root + "/durations"
    self.recipe = recipe
  }

  /// In milliseconds; nil when no such stage has run yet.
  package func expected(of place: StagePlace) -> Int? {
    for path in paths(place) {
      if let text = try? Files.readText(path), let number = Int(text), number >= 0 { return number }
    }
    return nil
  }

  /// Remembers how long a stage took, in milliseconds.
  ///
  /// A guess is no result: what goes wrong here is not told.
  package func keep(_ milliseconds: Int, of place: StagePlace) {
    try? Files.makeDirectories(folder, mode: 0o700)
    for path in paths(place) {
      try? Files.writeAtomically(Array(String(milliseconds).utf8), to: path)
    }
  }

  private func paths(_ place: StagePlace) -> [String] {
    ["\(recipe) \(place) \(place.type)", place.type].map { name in
      "\(folder)/\(SHA256.digest(Array(name.utf8)).hex)"
    }
  }
}
