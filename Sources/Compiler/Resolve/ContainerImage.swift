package import Model
internal import StageContracts

/// A container image that a system starts from, as it was found.
package struct ContainerImage: Sendable, Equatable {
  /// What the manifest keeps of it.
  package var known: PackageLock.Container
  /// The lowest one first.
  package var layers: [Layer]

  /// One of its blobs, by digest.
  package struct Layer: Sendable, Equatable {
    package var digest: Digest
    package var source: Source

    package init(digest: Digest, source: Source) {
      self.digest = digest
      self.source = source
    }
  }

  package init(known: PackageLock.Container, layers: [Layer]) {
    self.known = known
    self.layers = layers
  }
}

/// The packages that a tree has before any are installed.
package struct InstalledPackages: Sendable, Equatable {
  package var packages: [Installed]
  /// Those of them that are there only because others need them.
  package var automatic: Set<Name>

  /// A package of one architecture: of a foreign one both can be there.
  package struct Name: Sendable, Hashable, CustomStringConvertible {
    package var name: String
    package var architecture: String

    package init(name: String, architecture: String) {
      self.name = name
      self.architecture = architecture
    }

    /// As apt has it on a machine: with the architecture where that is a foreign one.
    package func name(on machine: Architecture) -> String {
      [machine.rawValue, "all"].contains(architecture) ? name : description
    }

    /// As dpkg takes it.
    package var description: String { "\(name):\(architecture)" }

    init?(_ text: String) {
      let parts = text.split(separator: ":")
      guard parts.count == 2 else { return nil }
      self.init(name: String(parts[0]), architecture: String(parts[1]))
    }
  }

  package struct Installed: Sendable, Equatable {
    package var name: Name
    package var version: String

    package init(name: Name, version: String) {
      self.name = name
      self.version = version
    }
  }

  package init(packages: [Installed], automatic: Set<Name>) {
    self.packages = packages
    self.automatic = automatic
  }
}

/// Such a tree, as apt wants to be told of it.
struct InstalledSystem: Sendable, Equatable {
  /// dpkg's database.
  var status: String
  var packages: InstalledPackages
}

/// The container image that an earlier manifest starts from.
///
/// - Returns: Nil where it starts from none.
/// - Throws: When its stages and its lock do not belong together.
func containerImage(of manifest: Manifest) throws(ResolveError) -> ContainerImage? {
  guard let known = manifest.lock?.container else { return nil }
  let stages = manifest.pipelines.flatMap(\.stages)
  var problems = Problems()
  guard let found = stages.first(where: { $0.type == ContainerRoot.name }),
    case .sources(let digests) = found.inputs["layers"],
    let stage = ContainerRoot.schema.decode(found.options, &problems)
  else { throw .failure(Failure.brokenLock) }
  let byName = Dictionary(digests.map { (manifest.sources[$0]?.name ?? "", $0) }) { a, _ in a }
  var layers: [ContainerImage.Layer] = []
  for name in stage.layers {
    guard let digest = byName[name], let source = manifest.sources[digest] else {
      throw .failure(Failure.brokenLock)
    }
    layers.append(ContainerImage.Layer(digest: digest, source: source))
  }
  return ContainerImage(known: known, layers: layers)
}

extension Failure {
  static let brokenLock = Failure(
    "use", "the lock", cause: "it names a container image, but lacks the layers of that image",
    remedy: "use a manifest written by this version of particle-compile, or omit --lock")
}
