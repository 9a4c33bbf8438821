package import Model

/// Everything the outside world has to say about a recipe: with it, a manifest follows by itself.
package struct Lock: Sendable, Equatable {
  /// The packages of the system.
  package var system: PackageSet
  /// The packages of the build tree; nil where no stage needs one.
  package var tools: PackageSet?
  /// What the recipe's files and scripts hold.
  package var contents: Contents
  /// The date of the base suite's release file.
  package var released: Timestamp
  /// The programs that took part, with their versions.
  package var resolvers: [String: String]

  package init(
    system: PackageSet, tools: PackageSet?, contents: Contents, released: Timestamp,
    resolvers: [String: String]
  ) {
    self.system = system
    self.tools = tools
    self.contents = contents
    self.released = released
    self.resolvers = resolvers
  }
}

/// Packages that are installed together, and how.
package struct PackageSet: Sendable, Equatable {
  /// In the order in which apt unpacks them, one for each name.
  package var packages: [Package]
  /// The names in the order in which apt configures them.
  package var configureOrder: [String]
  /// The names of those that Debian calls essential, with what they need.
  package var essential: Set<String>
  /// The names of those that were asked for.
  package var requested: Set<String>

  package init(
    packages: [Package], configureOrder: [String], essential: Set<String>, requested: Set<String>
  ) {
    self.packages = packages
    self.configureOrder = configureOrder
    self.essential = essential
    self.requested = requested
  }
}

/// One .deb file, as the archive's index has it.
package struct Package: Sendable, Equatable {
  package var name: String
  package var version: String
  package var architecture: String
  /// The file's name as apt keeps it: an epoch's colon is `%3a`.
  package var file: String
  /// In bytes.
  package var size: Int
  package var digest: Digest
  package var url: String

  package init(
    name: String, version: String, architecture: String, file: String, size: Int, digest: Digest,
    url: String
  ) {
    self.name = name
    self.version = version
    self.architecture = architecture
    self.file = file
    self.size = size
    self.digest = digest
    self.url = url
  }
}
