internal import Model
internal import StageContracts

/// The packages of an earlier manifest's pipeline, which are to stay as they are.
struct KeptPackages: Sendable, Equatable {
  var question: PackageQuestion
  /// As they were resolved.
  var set: PackageSet
  private var machine: Architecture
  /// Names that may change all the same.
  var moving: Set<String> = []

  /// A file of this machine is what it is today.
  private var staying: [Package] {
    self.set.packages.filter {
      !moving.covers($0.name(on: machine)) && !question.files.contains($0.digest.description)
    }
  }

  /// The version at which a package is kept; nil for one that is not.
  func version(of name: String) -> String? {
    staying.first { $0.name(on: machine) == name }?.version
  }

  /// apt_preferences(5): above 1000 a version wins whatever else there is.
  var preferences: String {
    staying.map { package in
      "Package: \(package.name(on: machine))\nPin: version \(package.version)\nPin-Priority: 1001\n"
    }.joined(separator: "\n")
  }

  /// A package index of them, for archives that have gone on: it has what apt needs to choose.
  var index: String { PackageIndex.text(of: staying, set.relations, on: machine) }

  /// The packages that the pipeline called `name` installs; nil where the manifest has no such
  /// pipeline, or no lock for it.
  init?(_ name: String, of manifest: Manifest) throws(Failure) {
    guard let entry = manifest.lock?.pipelines[name],
      let pipeline = manifest.pipelines.first(where: { $0.name == name })
    else { return nil }
    question = entry.question
    guard
      let set = PackageSet(pipeline, entry, sources: manifest.sources, on: manifest.architecture)
    else {
      throw Failure(
        "use", "the lock",
        cause: "it has a lock for the pipeline '\(name)', which does not install packages",
        remedy: "use a manifest written by this version of particle-compile, or omit --lock")
    }
    self.set = set
    machine = manifest.architecture
  }
}

extension PackageSet {
  /// What a pipeline installs, read back from its stages.
  fileprivate init?(
    _ pipeline: Pipeline, _ entry: PackageLock.Entry, sources: [Digest: Source],
    on machine: Architecture
  ) {
    var problems = Problems()
    guard let found = pipeline.stages.first(where: { $0.type == DebianPackages.name }),
      case .sources(let digests) = found.inputs["packages"],
      let stage = DebianPackages.schema.decode(found.options, &problems)
    else { return nil }
    var order: [String] = []
    var configureOrder: [String] = []
    var removed: [InstalledPackages.Name] = []
    for step in stage.steps {
      switch step {
      case .unpack(let files), .forceUnpack(let files): order += files
      // dpkg wants the machine's architecture where a name has two, apt does not write it.
      case .configure(let names):
        configureOrder += names.map { InstalledPackages.Name($0)?.name(on: machine) ?? $0 }
      case .remove(let names): removed += names.compactMap(InstalledPackages.Name.init)
      }
    }
    let byFile = Dictionary(digests.map { (sources[$0]?.name ?? "", $0) }) { first, _ in first }
    var installed = Dictionary(stage.installed.map { ($0.name, $0) }) { first, _ in first }
    var packages: [Package] = []
    for file in order {
      let parts = file.dropLast(4).split(separator: "_")
      guard let digest = byFile[file], let source = sources[digest], parts.count == 3,
        let known = installed.removeValue(
          forKey: InstalledPackages.Name(
            name: AptOutput.unescaped(parts[0]), architecture: AptOutput.unescaped(parts[2])))
      else { return nil }
      packages.append(
        Package(
          name: known.package, version: known.version, architecture: known.architecture,
          digest: digest, source: source))
    }
    // Rounds take packages out of apt's order, which the inputs have.
    let places = Dictionary(digests.enumerated().map { ($1, $0) }) { first, _ in first }
    packages.sort { places[$0.digest, default: 0] < places[$1.digest, default: 0] }
    let first = Set(stage.extract)
    let automatic = Set(stage.automatic)
    // What is there and was not installed was there before.
    let base = InstalledPackages(
      packages: installed.values.map {
        InstalledPackages.Installed(name: $0.name, version: $0.version)
      },
      automatic: Set(
        installed.keys.filter {
          automatic.contains($0.name(on: machine))
        }))
    self.init(
      packages: packages, configureOrder: configureOrder,
      essential: Set(packages.filter { first.contains($0.file) }.map(\.name)),
      requested: Set(packages.map { $0.name(on: machine) }).subtracting(stage.automatic),
      relations: entry.relations, base: stage.extract.isEmpty ? base : nil, removed: removed)
  }

  /// Puts kept packages' files in the place of the same files: where they come from stays, too.
  mutating func keep(_ kept: KeptPackages?) {
    guard let kept else { return }
    let known = Dictionary(kept.set.packages.map { ($0.digest, $0) }) { first, _ in first }
    packages = packages.map { known[$0.digest] ?? $0 }
  }
}

extension DebianPackages.Installed {
  fileprivate var name: InstalledPackages.Name {
    InstalledPackages.Name(name: package, architecture: architecture)
  }
}
