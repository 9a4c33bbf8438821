internal import Model
internal import StageContracts

/// A Debian package that a pipeline's tree has in one manifest, and not or otherwise in the other.
package struct PackageChange: Sendable, Equatable {
  package enum Kind: String, Sendable { case added, removed, upgraded, downgraded }

  /// The pipeline whose tree has it.
  package var pipeline: String
  /// `NAME`, or `NAME:ARCHITECTURE` of one that is foreign to its manifest's architecture.
  package var name: String
  package var old: String?
  package var new: String?

  package var kind: Kind {
    guard let old else { return .added }
    guard let new else { return .removed }
    return DebianVersion(old) < DebianVersion(new) ? .upgraded : .downgraded
  }

  /// The changes of one pipeline, sorted by name.
  static func changes(
    of pipeline: String, _ pairs: [StagePair], from before: Architecture, to after: Architecture
  ) -> [PackageChange] {
    let pairs = pairs.filter { $0.type == DebianPackages.name }
    if pairs.allSatisfy({ $0.old?.options == $0.new?.options }) { return [] }
    let old = installed(pairs.compactMap(\.old), on: before)
    let new = installed(pairs.compactMap(\.new), on: after)
    return Set(old.keys).union(new.keys).sorted().compactMap { name in
      old[name] == new[name]
        ? nil : PackageChange(pipeline: pipeline, name: name, old: old[name], new: new[name])
    }
  }

  private static func installed(_ stages: [Stage], on machine: Architecture)
    -> [String: String]
  {
    var versions: [String: String] = [:]
    for stage in stages {
      for package in DebianPackages.installed(stage.options) {
        let name = InstalledPackages.Name(
          name: package.package, architecture: package.architecture)
        versions[name.name(on: machine)] = package.version
      }
    }
    return versions
  }
}
