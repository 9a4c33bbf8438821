internal import Model

/// What packages are asked for.
struct PackageRequest: Sendable, Equatable {
  /// Names, each perhaps with a foreign `:architecture`, and with `=version` or `/suite`.
  var packages: [Located<String>]
  /// Those of them whose recommendations are wanted too.
  var recommending: [String] = []
  /// Names of packages not to be had.
  var remove: [Located<String>] = []
  var pins: [Pin] = []
  var files: [PackageFile] = []
  /// What comes beside them where the system starts from nothing.
  var variant = DebianBase.Variant.essential

  /// Whether it changes nothing of a system that is there.
  var isEmpty: Bool { packages.isEmpty && remove.isEmpty && files.isEmpty }

  /// The question that this is to a base's archive and further repositories.
  func question(_ further: [Archive.FurtherRepository], _ base: DebianBase) -> PackageQuestion {
    func sorted(_ texts: [String]) -> [String] { Set(texts).sorted() }
    return PackageQuestion(
      release: base.suite.rawValue, suites: sorted(base.suites),
      components: sorted(base.components), snapshot: base.snapshot,
      repositories: sorted(further.map(\.line)),
      pins: pins.map { $0.preferences.split(separator: "\n").joined(separator: "; ") },
      install: sorted(packages.map(\.value)), recommending: sorted(recommending),
      remove: sorted(remove.map(\.value)), files: sorted(files.map(\.digest.description)),
      foreignArchitectures: base.foreignArchitectures.map(\.value.rawValue),
      variant: variant == .essential ? nil : variant.rawValue)
  }
}
