/// A build, fully resolved: nothing that decides an output byte is left to be found out.
package struct Manifest: Sendable, Equatable {
  package static let version = 1

  /// What made the manifest, with the versions of what took part in resolving: for people.
  package var generator: [String: String]
  package var recipe: RecipeReference
  package var architecture: Architecture
  /// The latest time a file may carry, and SOURCE_DATE_EPOCH.
  package var epoch: Timestamp
  package var sources: [Digest: Source]
  /// In an order in which each one comes after those it needs.
  package var pipelines: [Pipeline]
  package var exports: [String: Export]
  /// What a later compilation needs to keep the packages; nil where no packages were resolved.
  package var lock: PackageLock?

  package struct RecipeReference: Sendable, Equatable {
    package var name: String
    /// Of the recipe's bytes.
    package var digest: Digest
    /// The values of its variables, by name.
    package var variables: [String: String]

    package init(name: String, digest: Digest, variables: [String: String] = [:]) {
      self.name = name
      self.digest = digest
      self.variables = variables
    }
  }

  /// A file of a pipeline's tree, or the tree itself as `path` "/", that a build gives out.
  package struct Export: Sendable, Equatable {
    package var pipeline: String
    package var path: String

    package init(pipeline: String, path: String) {
      self.pipeline = pipeline
      self.path = path
    }
  }

  package init(
    generator: [String: String], recipe: RecipeReference, architecture: Architecture,
    epoch: Timestamp, sources: [Digest: Source], pipelines: [Pipeline], exports: [String: Export],
    lock: PackageLock? = nil
  ) {
    self.generator = generator
    self.recipe = recipe
    self.architecture = architecture
    self.epoch = epoch
    self.sources = sources
    self.pipelines = pipelines
    self.exports = exports
    self.lock = lock
  }
}

extension Manifest {
  private static let recipeSchema = Schema<RecipeReference>.object(
    Field("name", { $0.name }, .name(of: "a recipe"), "The recipe's name."),
    Field("digest", { $0.digest }, Digest.schema, "The SHA-256 of the recipe's bytes."),
    Field(
      optional: "variables", { $0.variables.isEmpty ? nil : $0.variables }, .map(of: .string),
      "The values of its variables."),
    make: { RecipeReference(name: $0, digest: $1, variables: $2 ?? [:]) })

  private static let exportSchema = Schema<Export>.object(
    Field("pipeline", { $0.pipeline }, Pipeline.nameSchema, "The pipeline's name."),
    Field("path", { $0.path }, pathSchema, "The path in its tree."),
    make: { Export(pipeline: $0, path: $1) })

  private static let pathSchema = Schema<String>.string.refusing { path in
    let names = ByteString(path).names
    let isRight =
      path.begins(with: "/") && !path.has("\0") && path.utf8.count < 4096
      && !names.contains(".") && !names.contains("..") && names.allSatisfy { $0.bytes.count <= 255 }
    return isRight
      ? nil
      : (
        "'\(path)' is not a valid absolute path in a tree",
        "begin it with '/', without '.' and '..', with names of at most 255 bytes and fewer than"
          + " 4096 bytes in all"
      )
  }

  /// What a file's name is for an export: the list of checksums has one of its own, and a file whose name begins with a dot
  /// (`.git`, `.envrc`) tells programs what to do that somebody starts beside the outputs.
  private static let exportsSchema = Schema<[String: Export]>.map(of: exportSchema).mapped(
    { (exports, node, problems) -> [String: Export]? in
      var isRight = true
      for name in exports.keys.inByteOrder() {
        guard
          let flaw = name.isSame(as: "SHA256SUMS")
            ? "it is reserved for the checksums"
            : fileNameFlaw(name) ?? (name.begins(with: ".") ? "it begins with a '.'" : nil)
        else { continue }
        isRight = false
        problems.report(
          "'\(name)' is not a valid file name for an export: \(flaw)", at: node.mark,
          remedy:
            "use at most 255 bytes, without '/', without invisible characters and without '.' at"
            + " the beginning")
      }
      return isRight ? exports : nil
    }, { $0 })

  private static let sourcesSchema = Schema<[String: Source]>.map(of: Source.schema).mapped(
    { (named, node, problems) -> [Digest: Source]? in
      var sources: [Digest: Source] = [:]
      for (name, source) in named {
        guard let digest = Digest(name) else {
          problems.report(
            "'\(name)' is not a valid digest", at: node.mark,
            remedy: "write sha256: and 64 lower-case hexadecimal digits")
          return nil
        }
        sources[digest] = source
      }
      return sources
    },
    { Dictionary(uniqueKeysWithValues: $0.map { ($0.key.description, $0.value) }) })

  package static let schema = Schema<Manifest>.object(
    Field(
      "version", { _ in version },
      .integer().refusing {
        $0 == version
          ? nil
          : (
            "unsupported manifest version \($0)",
            "use the version of particle-run that goes with it, or compile the recipe again"
          )
      }, "The version of the manifest's format."),
    Field("generator", { $0.generator }, .map(of: .string), "What made this manifest."),
    Field("recipe", { $0.recipe }, recipeSchema, "The recipe it was made from."),
    Field("architecture", { $0.architecture }, .choice, "The machine the image is for."),
    Field("epoch", { $0.epoch }, Timestamp.epochSchema, "The latest time a file may carry."),
    Field("sources", { $0.sources }, sourcesSchema, "Content from outside, by digest."),
    Field("pipelines", { $0.pipelines }, .list(of: Pipeline.schema), "The trees to make."),
    Field("exports", { $0.exports }, exportsSchema, "What a build gives out."),
    Field(
      optional: "lock", { $0.lock }, PackageLock.schema,
      "What keeps the packages when the recipe is compiled again."),
    make: { _, generator, recipe, architecture, epoch, sources, pipelines, exports, lock in
      Manifest(
        generator: generator, recipe: recipe, architecture: architecture, epoch: epoch,
        sources: sources, pipelines: pipelines, exports: exports, lock: lock)
    })
}
