package import Model

/// The rounds in which packages are unpacked and configured, so that each finds what it pre-depends
/// on configured.
///
/// All of a round is unpacked, then all of it is configured. What some package pre-depends on comes in
/// an earlier round, with everything that it depends on in turn; the last round has all the rest.
/// decisions/0027 says why.
package struct InstallRounds {
  /// One call of dpkg that unpacks and one that configures.
  package struct Round: Equatable {
    /// As apt has them.
    package var names: Set<String>
    /// Whether something in it is unpacked before what it pre-depends on is configured.
    package var isForced: Bool
  }

  private let machine: Architecture
  private let packages: [String: Package]
  /// The names of the packages that apt may tell apart by their architecture.
  private let byName: [String: [String]]
  private let providers: [String: [(name: String, version: String?)]]
  private let relations: [String: [String: String]]
  /// The versions of what is there before.
  private let there: [String: [String]]

  private init(_ set: PackageSet, on machine: Architecture) {
    self.machine = machine
    packages = Dictionary(set.packages.map { ($0.name(on: machine), $0) }) { first, _ in first }
    relations = set.relations
    let names = packages.keys.sorted()
    byName = Dictionary(grouping: names) { [packages] in packages[$0]?.name ?? $0 }
    var providers: [String: [(name: String, version: String?)]] = [:]
    for name in names {
      for provided in Dependency.groups(relations[name]?["Provides"]).joined() {
        providers[provided.name, default: []].append((name, provided.bound?.version))
      }
    }
    self.providers = providers
    let staying = (set.base?.packages ?? []).filter { !set.removed.contains($0.name) }
    there = Dictionary(grouping: staying, by: \.name.name).mapValues { $0.map(\.version) }
  }

  /// The rounds of a set, in order; each package is in one of them.
  package static func of(_ set: PackageSet, on machine: Architecture) -> [Round] {
    let rounds = InstallRounds(set, on: machine)
    let all = Set(rounds.packages.keys)
    guard set.base == nil else { return rounds.rounds(of: all, after: []) }
    // The first packages of a root are extracted, so that their programs run before they are configured.
    let first = rounds.closure(of: set.essential.intersection(all), after: [])
    guard !first.isEmpty else { return rounds.rounds(of: all, after: []) }
    return [Round(names: first, isForced: true)]
      + rounds.rounds(of: all.subtracting(first), after: first)
  }

  private func rounds(of names: Set<String>, after done: Set<String>) -> [Round] {
    guard !names.isEmpty else { return [] }
    let needed = names.reduce(into: Set<String>()) {
      $0.formUnion(choices(of: "Pre-Depends", $1, after: done))
    }
    let earlier = closure(of: needed, after: done)
    // A package that pre-depends on what depends on it: nobody can give it that.
    if earlier.isSuperset(of: names) { return [Round(names: names, isForced: true)] }
    return rounds(of: earlier, after: done)
      + [Round(names: names.subtracting(earlier), isForced: false)]
  }

  /// These, and what has to be configured so that they can be.
  private func closure(of names: Set<String>, after done: Set<String>) -> Set<String> {
    var all: Set<String> = []
    var waiting = names.subtracting(done)
    while let name = waiting.popFirst() {
      all.insert(name)
      for field in ["Depends", "Pre-Depends"] {
        waiting.formUnion(choices(of: field, name, after: done))
      }
      waiting.formUnion(broken(by: name))
      waiting.subtract(all)
      waiting.subtract(done)
    }
    return all
  }

  /// For each dependency in a field that nothing satisfies yet, the package that will.
  private func choices(of field: String, _ name: String, after done: Set<String>) -> [String] {
    Dependency.groups(relations[name]?[field]).compactMap { group in
      if group.contains(where: { isThere($0) }) { return nil }
      let candidates = group.flatMap { self.candidates(for: $0, of: name) }
      // One that is not among these is provided by what is there, or apt would have refused it.
      return candidates.contains(where: done.contains) ? nil : candidates.first
    }
  }

  private func isThere(_ dependency: Dependency) -> Bool {
    (there[dependency.name] ?? []).contains(where: dependency.accepts)
  }

  /// The packages of the set that satisfy a dependency of one of them: first those of its own architecture.
  private func candidates(for dependency: Dependency, of name: String) -> [String] {
    let own = packages[name]?.architecture ?? machine.rawValue
    var wanted = own == "all" ? machine.rawValue : own
    if let named = dependency.architecture, named != "any" { wanted = named }
    func sorted(_ names: [String]) -> [String] {
      func isWanted(_ name: String) -> Bool {
        [wanted, "all"].contains(packages[name]?.architecture ?? "")
      }
      return names.filter(isWanted) + names.filter { !isWanted($0) }
    }
    let named = (byName[dependency.name] ?? []).filter {
      dependency.accepts(packages[$0]?.version ?? "")
    }
    let providing = (providers[dependency.name] ?? []).filter { _, version in
      dependency.bound == nil || version.map(dependency.accepts) == true
    }
    return sorted(named) + sorted(providing.map(\.name))
  }

  /// What is there, in a version that this package breaks, and comes in another.
  private func broken(by name: String) -> [String] {
    guard !there.isEmpty else { return [] }
    return ["Breaks", "Conflicts"].flatMap { field in
      Dependency.groups(relations[name]?[field]).joined().filter { isThere($0) }
        .flatMap { byName[$0.name] ?? [] }.filter { $0 != name }
    }
  }
}
