internal import Model

/// Which packages of an earlier manifest may change.
package enum Update: Sendable, Equatable {
  case none
  /// All that these names lead to.
  case packages([String])
  case all
}

/// Refuses an earlier manifest as a lock where it answers another question than the recipe asks.
///
/// - Parameters:
///   - kept: What was asked for a pipeline before.
///   - asked: What is asked for it now.
///   - request: The same with its places.
///   - moving: Names that may differ: those to update.
/// - Throws: All in which the two questions differ, with what to do.
func refuseStale(
  _ kept: PackageQuestion, _ asked: PackageQuestion, _ request: PackageRequest,
  moving: Set<String>
) throws(ResolveError) {
  var found: [Diagnostic] = []
  func differ(_ what: String, _ old: [String], _ new: [String]) {
    guard old != new else { return }
    let before = old.isEmpty ? "none" : old.joined(separator: ", ")
    let now = new.isEmpty ? "none" : new.joined(separator: ", ")
    found.append(
      Diagnostic(
        "the lock is stale: it was made with the \(what) \(before), but the recipe has \(now)",
        path: "base", remedy: "resolve all packages again: --update without names"))
  }
  differ("release", [kept.release], [asked.release])
  differ("suites", kept.suites, asked.suites)
  differ("components", kept.components, asked.components)
  differ("foreign architectures", kept.foreignArchitectures, asked.foreignArchitectures)
  differ(
    "snapshot", [kept.snapshot].compactMap { $0?.description },
    [asked.snapshot].compactMap { $0?.description })
  differ("variant", [kept.variant ?? "essential"], [asked.variant ?? "essential"])
  differ("repositories", kept.repositories, asked.repositories)
  differ("pins", kept.pins, asked.pins)

  for place in request.packages {
    let name = place.value
    guard !kept.install.contains(name), !moving.covers(name) else { continue }
    let other = kept.install.first { $0.packageName == name.packageName }
    found.append(
      Diagnostic(
        other.map {
          "the lock is stale: it was made with '\($0)', but the recipe asks for '\(name)'"
        }
          ?? "the lock is stale: it does not have '\(name)'",
        at: place.mark, path: "modules",
        remedy: "update it and keep all others: --update \(name.packageName)"))
  }
  let names = Set(asked.install.map(\.packageName))
  for gone in kept.install where !names.contains(gone.packageName) {
    guard !moving.covers(gone) else { continue }
    found.append(
      Diagnostic(
        "the lock is stale: it has '\(gone)', which the recipe no longer asks for", path: "modules",
        remedy: "drop it and keep all others: --update \(gone.packageName)"))
  }
  for (what, old, new) in [
    ("recommendations of", kept.recommending, asked.recommending),
    ("removal of", kept.remove, asked.remove),
  ] {
    for name in Set(old).symmetricDifference(new).sorted() {
      guard !moving.covers(name) else { continue }
      let isNew = new.contains(name)
      let place = (request.packages + request.remove).first { $0.value == name }
      found.append(
        Diagnostic(
          "the lock is stale: it was made \(isNew ? "without" : "with") the \(what) '\(name)'",
          at: place?.mark, path: "modules",
          remedy: "update it and keep all others: --update \(name.packageName)"))
    }
  }
  if moving.isEmpty, kept.files != asked.files {
    found.append(
      Diagnostic(
        "the lock is stale: the recipe's package files changed", path: "modules",
        remedy: "accept the new files: --update with the names of their packages"))
  }
  if !found.isEmpty { throw .refusal(Refusal(diagnostics: found)) }
}

extension Set<String> {
  /// Whether names to update mean what a request is for: a name alone means the package of every
  /// architecture.
  func covers(_ request: String) -> Bool {
    contains(request.packageName) || contains(request.withoutArchitecture)
  }
}

/// Refuses names to update that stand for nothing.
func refuseUnknown(_ moving: Set<String>, among known: Set<String>) throws(ResolveError) {
  let unknown = moving.subtracting(known).sorted()
  if unknown.isEmpty { return }
  throw .refusal(
    Refusal(
      diagnostics: unknown.map { name in
        Diagnostic(
          "cannot update '\(name)': neither the lock nor the recipe has it",
          remedy: suggestion(for: name, among: known.sorted()).map { "did you mean '\($0)'?" }
            ?? "remove it from --update, or add it to a packages module")
      }))
}
