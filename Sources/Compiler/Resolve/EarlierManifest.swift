internal import Model

/// What an earlier manifest, given as a lock, keeps.
struct EarlierManifest {
  var container: ContainerImage?
  /// By the name of the pipeline.
  var pipelines: [String: KeptPackages]
  var released: Timestamp
  var resolvers: [String: String]
  /// Whether nothing is to be asked anew.
  var isWhole: Bool

  /// The lock that it comes to when nothing is asked anew.
  func lock(_ contents: Contents, isWithTools: Bool) -> Lock {
    Lock(
      container: container,
      system: pipelines["os"]?.set
        ?? PackageSet(packages: [], configureOrder: [], essential: [], requested: []),
      tools: isWithTools ? pipelines["build"]?.set : nil, contents: contents, released: released,
      resolvers: resolvers)
  }
}

/// What is kept of the manifest that the settings give as a lock; nil where there is none, or all
/// is to be asked anew.
///
/// - Parameters:
///   - settings: The lock, and what of it may change.
///   - architecture: The machine that is compiled for.
///   - asked: For each pipeline what is asked of it now; nil for one that is not made.
///   - images: The names of the container images that are to be in the system.
/// - Returns: What is kept.
/// - Throws: When the lock answers other questions than these.
func kept(
  _ settings: ResolveSettings, _ architecture: Architecture,
  _ asked: [(name: String, question: PackageQuestion?, request: PackageRequest?)],
  images: [String]
) throws(ResolveError) -> EarlierManifest? {
  guard let manifest = settings.lock, settings.update != .all else { return nil }
  guard let lock = manifest.lock else {
    throw .refusal(
      Refusal(diagnostics: [
        Diagnostic(
          "the lock contains no package information: it was written by another version",
          remedy: "omit --lock this time, and use the new manifest as the lock from then on")
      ]))
  }
  guard manifest.architecture == architecture else {
    throw .refusal(
      Refusal(diagnostics: [
        Diagnostic(
          "the lock is for \(manifest.architecture.rawValue), but the recipe is compiled for"
            + " \(architecture.rawValue)",
          remedy: "use a lock for that architecture, or --arch \(manifest.architecture.rawValue)")
      ]))
  }
  var moving: Set<String> = []
  if case .packages(let names) = settings.update { moving = Set(names) }
  var pipelines: [String: KeptPackages] = [:]
  var known = Set(images).union(lock.images.keys)
  for (name, question, request) in asked {
    guard let question, let request else { continue }
    do { pipelines[name] = try KeptPackages(name, of: manifest) } catch { throw .failure(error) }
    let before = pipelines[name]?.question
    try refuseStale(
      before
        ?? PackageQuestion(
          release: question.release, suites: question.suites, components: question.components,
          snapshot: question.snapshot, install: [],
          foreignArchitectures: question.foreignArchitectures, variant: question.variant),
      question, request, moving: moving)
    let named =
      question.install + question.remove + (before?.install ?? []) + (before?.remove ?? [])
      + (pipelines[name]?.set.packages.map { $0.name(on: architecture) } ?? [])
    known.formUnion(named.map(\.packageName) + named.map(\.withoutArchitecture))
    pipelines[name]?.moving = moving
  }
  // A package file's name is not known before apt has read it.
  if asked.allSatisfy({ $0.question?.files.isEmpty ?? true }) {
    try refuseUnknown(moving, among: known)
  }
  var resolvers = manifest.generator
  resolvers["particle-compile"] = nil
  return EarlierManifest(
    container: try containerImage(of: manifest), pipelines: pipelines, released: lock.released,
    resolvers: resolvers, isWhole: moving.isEmpty)
}
