internal import Model
internal import StageContracts

/// The stages that make the tree of a base with its packages, before any module.
func systemSteps(_ recipe: Recipe, _ lock: Lock, on architecture: Architecture) -> [Step] {
  // Ours are for those of the boot loader's packages that are there; what the recipe says comes later, and counts.
  let names = lock.system.names(on: architecture)
  let answers =
    recipe.bootAnswers(on: architecture).filter { names.contains(String($0.prefix { $0 != " " })) }
    + recipe.packageModules.flatMap(\.debconf).map(\.value)
  let held = recipe.packageModules.flatMap(\.hold).map(\.value)
  let foreign = recipe.base.foreignArchitectures.map(\.value.rawValue)
  let keys = recipe.packageModules.flatMap(\.machineKeys).map(\.value)
  guard let container = lock.container else {
    return [
      debian(
        lock.system, on: architecture, foreign: foreign, answers: answers, held: held, keys: keys)
    ] + namelessHost(recipe) + usualSources(recipe, lock, on: architecture)
  }
  let layers = container.layers.map(\.digest)
  let root = Step(
    ContainerRoot(layers: container.layers.map(\.source.name)),
    [
      "layers": .sources(
        layers.indices.filter { !layers[..<$0].contains(layers[$0]) }.map { layers[$0] })
    ])
  guard let base = lock.system.base else { return [root] }
  return [
    root,
    packages(
      lock.system, on: base, foreign: foreign, answers: answers, held: held, keys: keys,
      architecture),
  ]
}

/// A tree with these packages, from nothing.
func debian(
  _ set: PackageSet, on machine: Architecture, foreign: [String] = [], answers: [String] = [],
  held: [String] = [], keys: [String] = []
) -> Step {
  let names = set.packages.map { $0.name(on: machine) }
  let essential = set.packages.filter { set.essential.contains($0.name(on: machine)) }
  let installed = set.packages.map(\.installed).sorted()
  // base-files has the links /bin, /lib and /sbin, without which others would make folders.
  let first = essential.filter { $0.name == "base-files" }
  let others = essential.filter { $0.name != "base-files" }.sorted { $0.name < $1.name }
  return
    Step(
      DebianPackages(
        extract: (first + others).map(\.file),
        steps: installation(of: set, among: installed, on: machine), installed: installed,
        automatic: names.filter { !set.requested.contains($0) }.sorted(), answers: answers,
        held: dpkgNames(Set(held).sorted(), among: installed, on: machine), foreign: foreign,
        machineKeys: keys),
      ["packages": .sources(set.packages.map(\.digest))])
}

/// A tree that has packages, with these beside them or in their place.
private func packages(
  _ set: PackageSet, on base: InstalledPackages, foreign: [String], answers: [String],
  held: [String], keys: [String], _ architecture: Architecture
) -> Step {
  let new = Dictionary(set.packages.map { ($0.name(on: architecture), $0) }) { first, _ in first }
  let removed = Set(set.removed)
  func replacement(_ name: InstalledPackages.Name) -> Package? {
    new[name.name(on: architecture)]
  }
  let staying = base.packages.filter { !removed.contains($0.name) && replacement($0.name) == nil }
  let replaced = base.packages.filter { replacement($0.name) != nil }
  // A new version of what somebody wanted is wanted.
  let wanted = set.requested.union(
    replaced.filter { !base.automatic.contains($0.name) }
      .map { $0.name.name(on: architecture) })
  let automatic =
    staying.filter {
      base.automatic.contains($0.name)
        && !set.requested.contains($0.name.name(on: architecture))
    }.map { $0.name.name(on: architecture) } + new.keys.filter { !wanted.contains($0) }
  let installed =
    (staying.map {
      DebianPackages.Installed(
        package: $0.name.name, architecture: $0.name.architecture, version: $0.version)
    } + set.packages.map(\.installed)).sorted()
  var steps: [DebianPackages.Step] = []
  if !set.removed.isEmpty { steps.append(.remove(set.removed.map(\.description))) }
  steps += installation(of: set, among: installed, on: architecture)
  return Step(
    DebianPackages(
      steps: steps, installed: installed, automatic: automatic.sorted(), answers: answers,
      held: dpkgNames(Set(held).sorted(), among: installed, on: architecture), foreign: foreign,
      machineKeys: keys),
    ["packages": .sources(set.packages.map(\.digest))])
}

/// The calls of dpkg that install a set: its rounds, each in apt's order.
private func installation(
  of set: PackageSet, among installed: [DebianPackages.Installed], on machine: Architecture
) -> [DebianPackages.Step] {
  InstallRounds.of(set, on: machine).flatMap { round -> [DebianPackages.Step] in
    let files = set.packages.filter { round.names.contains($0.name(on: machine)) }.map(\.file)
    let names = set.configureOrder.filter(round.names.contains)
    let unpack: DebianPackages.Step = round.isForced ? .forceUnpack(files) : .unpack(files)
    let configure = DebianPackages.Step.configure(dpkgNames(names, among: installed, on: machine))
    // dpkg takes no empty list.
    return (files.isEmpty ? [] : [unpack]) + (names.isEmpty ? [] : [configure])
  }
}

/// The names as dpkg takes them, which asks for an architecture where it has a package of several.
private func dpkgNames(
  _ names: [String], among installed: [DebianPackages.Installed], on machine: Architecture
) -> [String] {
  let counts = Dictionary(installed.map { ($0.package, 1) }, uniquingKeysWith: +)
  return names.map { counts[$0, default: 1] > 1 ? "\($0):\(machine.rawValue)" : $0 }
}

extension [DebianPackages.Installed] {
  fileprivate func sorted() -> Self {
    sorted { ($0.package, $0.architecture) < ($1.package, $1.architecture) }
  }
}

extension Package {
  fileprivate var installed: DebianPackages.Installed {
    DebianPackages.Installed(package: name, architecture: architecture, version: version)
  }
}
