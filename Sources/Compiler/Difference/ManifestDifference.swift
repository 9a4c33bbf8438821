internal import Files
internal import Hashing
internal import JSON
package import Model
internal import StageContracts

/// What a change of recipe, archive or compiler did to a build: one manifest against another.
package struct ManifestDifference: Sendable, Equatable {
  /// Something of the manifest as a whole, as it was and as it is.
  package struct Fact: Sendable, Equatable {
    package var name: String
    package var old: String?
    package var new: String?

    /// Whether it is the recipe's text, of which only the digest is known.
    var isText: Bool { name == Self.text }

    fileprivate static let text = "recipe's text"
  }

  package var facts: [Fact] = []
  package var packages: [PackageChange] = []
  package var settings: [SettingChange] = []
  package var stages: [StageChange] = []

  package var isEmpty: Bool {
    facts.isEmpty && packages.isEmpty && settings.isEmpty && stages.isEmpty
  }

  /// Compares two manifests.
  package init(from old: Manifest, to new: Manifest) {
    facts = Self.facts(from: old, to: new)
    let names = new.pipelines.map(\.name)
    let gone = old.pipelines.map(\.name).filter { !names.contains($0) }
    for name in names + gone {
      let before = old.pipelines.first { $0.name == name }
      let after = new.pipelines.first { $0.name == name }
      let pairs = StagePair.pairs(before?.stages ?? [], after?.stages ?? [])
      packages += PackageChange.changes(
        of: name, pairs, from: old.architecture, to: new.architecture)
      settings += pairs.flatMap { SettingChange.changes(of: name, $0, old.sources, new.sources) }
    }
    stages = StageChange.changes(from: old, to: new)
  }

  private static func facts(from old: Manifest, to new: Manifest) -> [Fact] {
    func sorted(_ texts: some Sequence<String>) -> String {
      let text = texts.sorted().joined(separator: ", ")
      return text.isEmpty ? "none" : text
    }
    var facts = [
      Fact(name: "recipe", old: old.recipe.name, new: new.recipe.name),
      Fact(
        name: Fact.text, old: old.recipe.digest.description,
        new: new.recipe.digest.description),
      Fact(name: "architecture", old: old.architecture.rawValue, new: new.architecture.rawValue),
      Fact(
        name: "foreign architectures", old: sorted(old.foreignArchitectures),
        new: sorted(new.foreignArchitectures)),
      Fact(name: "epoch", old: old.epoch.description, new: new.epoch.description),
      Fact(name: "exports", old: sorted(old.exports.keys), new: sorted(new.exports.keys)),
      Fact(
        name: "pipelines", old: sorted(old.pipelines.map(\.name)),
        new: sorted(new.pipelines.map(\.name))),
    ]
    for name in Set(old.generator.keys).union(new.generator.keys).sorted() {
      facts.append(Fact(name: name, old: old.generator[name], new: new.generator[name]))
    }
    let moved = old.sources.count { digest, source in
      new.sources[digest].map { $0 != source } ?? false
    }
    if moved > 0 {
      facts.append(
        Fact(name: "addresses or names of \(moved) sources", old: nil, new: "changed"))
    }
    return facts.filter { $0.old != $0.new }
  }
}

extension Manifest {
  /// Those whose packages its systems may have beside their own.
  fileprivate var foreignArchitectures: Set<String> {
    let stages = pipelines.flatMap(\.stages).filter { $0.type == DebianPackages.name }
    return Set(stages.flatMap { DebianPackages.foreign($0.options) })
  }

  /// Reads a manifest whose packages are to be kept: one that was changed since it was compiled is refused.
  package static func readLock(_ path: String) throws(Refusal) -> Manifest {
    let manifest = try read(path)
    let problems = manifest.identityProblems(file: path, hash: SHA256.digest)
    guard problems.isEmpty else { throw Refusal(diagnostics: problems) }
    return manifest
  }

  /// Reads a manifest to look at it; whether its ids are right is for the runner to say.
  ///
  /// - Parameter path: The file; `-` for standard input.
  /// - Returns: The manifest.
  /// - Throws: All that is wrong with it.
  package static func read(_ path: String) throws(Refusal) -> Manifest {
    let bytes: [UInt8]
    do { bytes = try Files.readInput(path) } catch {
      throw Refusal(diagnostics: [
        Diagnostic(
          "cannot read the manifest '\(path)': \(error.cause)",
          remedy: "create one with 'particle compile RECIPE -o FILE'")
      ])
    }
    switch JSON.decode(schema, from: bytes, file: path) {
    case .success(let manifest): return manifest
    case .failure(let refusal): throw refusal
    }
  }
}
