package import Model

/// Everything the outside world has to say about a recipe: with it, a manifest follows by itself.
package struct Lock: Sendable, Equatable {
  /// The image that the system starts from; nil where it starts from nothing.
  package var container: ContainerImage?
  /// The packages of the system.
  package var system: PackageSet
  /// The packages of the build tree; nil where no stage needs one.
  package var tools: PackageSet?
  /// What the recipe's files and scripts hold.
  package var contents: Contents
  /// The date of the base suite's release file, or of the container image.
  package var released: Timestamp
  /// The programs that took part, with their versions.
  package var resolvers: [String: String]
  /// What was asked for each pipeline.
  package var questions: [String: PackageQuestion]
  /// What is to be told, though nothing is refused.
  package var warnings: [Diagnostic] = []

  package init(
    container: ContainerImage? = nil, system: PackageSet, tools: PackageSet?, contents: Contents,
    released: Timestamp, resolvers: [String: String], questions: [String: PackageQuestion] = [:]
  ) {
    self.container = container
    self.system = system
    self.tools = tools
    self.contents = contents
    self.released = released
    self.resolvers = resolvers
    self.questions = questions
  }

  /// What the manifest keeps of this.
  package var kept: PackageLock? {
    if questions.isEmpty, container == nil, contents.images.isEmpty { return nil }
    let relations = ["os": system.relations, "build": tools?.relations ?? [:]]
    let entries = questions.map { name, question in
      (name, PackageLock.Entry(question: question, relations: relations[name] ?? [:]))
    }
    return PackageLock(
      released: released, container: container?.known,
      images: contents.images.mapValues(\.reference),
      pipelines: Dictionary(uniqueKeysWithValues: entries))
  }
}

/// Packages that are installed together, and how.
package struct PackageSet: Sendable, Equatable {
  /// In the order in which apt unpacks them, one for each name.
  ///
  /// Names are those that apt has: of a foreign architecture NAME:ARCHITECTURE.
  package var packages: [Package]
  /// The names in the order in which apt configures them.
  package var configureOrder: [String]
  /// The names of those that Debian calls essential, with what they need.
  package var essential: Set<String>
  /// The names of those that were asked for.
  package var requested: Set<String>
  /// By name, what a package says of others (deb-control(5)).
  package var relations: [String: [String: String]]
  /// What is there before them; nil for a tree that has no packages, or none of Debian's.
  package var base: InstalledPackages?
  /// Those of what is there that go.
  package var removed: [InstalledPackages.Name] = []

  package init(
    packages: [Package], configureOrder: [String], essential: Set<String>, requested: Set<String>,
    relations: [String: [String: String]] = [:], base: InstalledPackages? = nil,
    removed: [InstalledPackages.Name] = []
  ) {
    self.base = base
    self.removed = removed
    self.packages = packages
    self.configureOrder = configureOrder
    self.essential = essential
    self.requested = requested
    self.relations = relations
  }
}

/// One .deb file, as the archive's index has it.
package struct Package: Sendable, Equatable {
  package var name: String
  package var version: String
  package var architecture: String
  package var digest: Digest
  package var source: Source

  /// As apt names it on a machine: with the architecture where that is a foreign one.
  package func name(on machine: Architecture) -> String {
    InstalledPackages.Name(name: name, architecture: architecture).name(on: machine)
  }

  /// The file's name as apt keeps it: an epoch's colon is `%3a`.
  package var file: String { source.name }

  /// In bytes; 0 for a file that the manifest itself carries.
  package var size: Int {
    guard case .download(let download) = source else { return 0 }
    return download.size
  }

  package init(
    name: String, version: String, architecture: String, digest: Digest, source: Source
  ) {
    self.name = name
    self.version = version
    self.architecture = architecture
    self.digest = digest
    self.source = source
  }

  package init(
    name: String, version: String, architecture: String, file: String, size: Int, digest: Digest,
    url: String
  ) {
    self.init(
      name: name, version: version, architecture: architecture, digest: digest,
      source: .download(Source.Download(name: file, size: size, urls: [url])))
  }
}
