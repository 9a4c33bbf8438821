/// What a later compilation has to know to keep the packages of a manifest, and the container images
/// below and beside them: what was asked of the archives, and what the packages say of each other.
///
/// Their versions, files and digests stand in the stages. All of this is outside of stage ids.
package struct PackageLock: Sendable, Equatable {
  /// The date of the base suite's release file, or of the container image.
  package var released: Timestamp
  /// Nil where the system starts from nothing.
  package var container: Container?
  /// The container images that are put into the system, as the recipe has them, by their names there.
  package var images: [String: String]
  /// By the name of the pipeline that installs the packages.
  package var pipelines: [String: Entry]

  /// What is known of one pipeline's packages.
  package struct Entry: Sendable, Equatable {
    package var question: PackageQuestion
    /// By package: the fields of its index entry that decide what it can be installed with.
    package var relations: [String: [String: String]]

    package init(question: PackageQuestion, relations: [String: [String: String]]) {
      self.question = question
      self.relations = relations
    }
  }

  package init(
    released: Timestamp, container: Container? = nil, images: [String: String] = [:],
    pipelines: [String: Entry]
  ) {
    self.released = released
    self.images = images
    self.container = container
    self.pipelines = pipelines
  }

  private static let entrySchema = Schema<Entry>.object(
    Field("question", { $0.question }, PackageQuestion.schema, "What was asked."),
    Field(
      "relations", { $0.relations }, .map(of: .map(of: .string)),
      "By package, what it says of others, as deb-control(5) has it."),
    make: { Entry(question: $0, relations: $1) })

  package static let schema = Schema<PackageLock>.object(
    Field("released", { $0.released }, Timestamp.schema, "The date of the base."),
    Field(
      optional: "container", { $0.container }, Container.schema,
      "The container image that the system starts from."),
    Field(
      optional: "images", { $0.images.isEmpty ? nil : $0.images }, .map(of: .string),
      "By name in the system, the container images put into it, as the recipe has them."),
    Field(
      "pipelines", { $0.pipelines }, .map(of: entrySchema), "By pipeline, what was asked for it."),
    make: { PackageLock(released: $0, container: $1, images: $2 ?? [:], pipelines: $3) })
}

/// What was asked of package archives, but for the address of Debian's mirror: the same question
/// means the same packages as long as the archives stand still.
package struct PackageQuestion: Sendable, Equatable {
  package var release: String
  /// Sorted, as all the lists are in which order means nothing.
  package var suites: [String]
  package var components: [String]
  /// The moment of a snapshot; nil for the archive of the day.
  package var snapshot: Timestamp?
  /// Further repositories, each as one line.
  package var repositories: [String]
  package var pins: [String]
  package var install: [String]
  /// Those of them whose recommendations are wanted too.
  package var recommending: [String]
  package var remove: [String]
  /// The digests of local .deb files.
  package var files: [String]
  /// Those whose packages may come beside the machine's own.
  package var foreignArchitectures: [String]
  /// The name of the set that the system starts with; nil for the essential packages alone, and in
  /// manifests of versions that knew no other.
  package var variant: String?

  package init(
    release: String, suites: [String], components: [String], snapshot: Timestamp? = nil,
    repositories: [String] = [], pins: [String] = [], install: [String],
    recommending: [String] = [], remove: [String] = [], files: [String] = [],
    foreignArchitectures: [String] = [], variant: String? = nil
  ) {
    self.release = release
    self.suites = suites
    self.components = components
    self.snapshot = snapshot
    self.repositories = repositories
    self.pins = pins
    self.install = install
    self.recommending = recommending
    self.remove = remove
    self.files = files
    self.foreignArchitectures = foreignArchitectures
    self.variant = variant
  }

  package static let schema = Schema<PackageQuestion>.object(
    Field("release", { $0.release }, .string, "The Debian release."),
    Field("suites", { $0.suites }, .list(of: .string), "The suites taken from."),
    Field("components", { $0.components }, .list(of: .string), "The parts of the archive."),
    Field(optional: "snapshot", { $0.snapshot }, Timestamp.schema, "The moment of a snapshot."),
    Field(
      "repositories", { $0.repositories }, .list(of: .string), default: [],
      "Further repositories."),
    Field("pins", { $0.pins }, .list(of: .string), default: [], "What is preferred."),
    Field("install", { $0.install }, .list(of: .string), "The packages asked for."),
    Field(
      "recommending", { $0.recommending }, .list(of: .string), default: [],
      "Those whose recommendations were wanted."),
    Field("remove", { $0.remove }, .list(of: .string), default: [], "Packages not to be had."),
    Field("files", { $0.files }, .list(of: .string), default: [], "Digests of local packages."),
    Field(
      optional: "foreign-architectures",
      { $0.foreignArchitectures.isEmpty ? nil : $0.foreignArchitectures }, .list(of: .string),
      "Architectures whose packages may come beside the machine's own."),
    Field(
      optional: "variant", { $0.variant }, .string,
      "The set that the system starts with; left out, the essential packages."),
    make: {
      PackageQuestion(
        release: $0, suites: $1, components: $2, snapshot: $3, repositories: $4, pins: $5,
        install: $6, recommending: $7, remove: $8, files: $9, foreignArchitectures: $10 ?? [],
        variant: $11)
    })
}
