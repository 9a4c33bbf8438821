internal import Model

/// Asks apt what a recipe's packages are, or takes them from an earlier manifest.
func resolve(
  _ document: Recipe.Document, for architecture: Architecture, _ settings: ResolveSettings
) throws(ResolveError) -> Lock {
  let recipe = document.recipe
  var base = recipe.base
  base.snapshot = settings.snapshot ?? base.snapshot
  base.keyring = settings.keyring ?? base.keyring
  let request = Needs.request(for: recipe, document.contents, on: architecture)
  let names = Needs.tools(for: recipe, on: architecture)
  let wanted = names.isEmpty ? nil : PackageRequest(packages: names.map { Located($0) })
  // Tools are always of one release, whichever the image has, and never of further repositories.
  let toolsBase =
    base.suite == .trixie
    ? base
    : DebianBase(
      suite: .trixie, keyring: base.keyring, snapshot: base.snapshot,
      snapshotMirror: base.snapshotMirror)
  let further = further(of: recipe, document.contents)
  var questions = ["os": request.question(further, base)]
  questions["build"] = wanted?.question([], toolsBase)

  let kept = try kept(
    settings, architecture,
    [("os", questions["os"], request), ("build", questions["build"], wanted)])
  var lock: Lock
  if let kept, kept.isWhole {
    lock = kept.lock(document.contents, isWithTools: wanted != nil)
  } else {
    var system: Archive
    var tools: Archive
    do {
      let mirrors = try mirrors(of: base, settings)
      system = try Archive(of: base, at: mirrors, for: architecture)
      system.further = further
      tools = try Archive(of: toolsBase, at: mirrors, for: architecture)
    } catch { throw .failure(error) }
    let os = Inquiry(request: request, kept: kept?.pipelines["os"])
    let build = wanted.map { Inquiry(request: $0, kept: kept?.pipelines["build"]) }
    var answer = try ask(
      system, [os] + (system == tools ? [build].compactMap { $0 } : []), settings)
    if let build, system != tools { answer.sets += try ask(tools, [build], settings).sets }
    lock = Lock(
      system: answer.sets[0], tools: answer.sets.count > 1 ? answer.sets[1] : nil,
      contents: document.contents, released: kept?.released ?? answer.released,
      resolvers: ["apt": answer.version])
  }
  lock.questions = questions
  try refuseMissingKernel(recipe, lock.system, on: architecture)
  try refuseHoldingNothing(recipe, lock.system)
  return lock
}

private func further(of recipe: Recipe, _ contents: Contents) -> [Archive.FurtherRepository] {
  recipe.packageModules.flatMap(\.repositories).map { located in
    let key = located.value.key?.files(contents).first?.bytes
    return Archive.FurtherRepository(repository: located.value, key: key, mark: located.mark)
  }
}

private func mirrors(of base: DebianBase, _ settings: ResolveSettings) throws(Failure) -> Mirrors {
  if let moment = base.snapshot {
    return try Mirrors.find(given: settings.mirror, recipe: base.snapshotMirror, at: moment)
  }
  return try Mirrors.find(given: settings.mirror, recipe: base.mirror)
}

/// What one archive is asked.
private struct Inquiry {
  var request: PackageRequest
  /// What stays as it was.
  var kept: KeptPackages?
}

private struct Answer {
  var sets: [PackageSet]
  var released: Timestamp
  var version: String
}

/// Asks one archive.
///
/// Its folder in the cache is locked meanwhile, and no other one: two locks at a
/// time could wait for each other.
private func ask(_ archive: Archive, _ inquiries: [Inquiry], _ settings: ResolveSettings)
  throws(ResolveError) -> Answer
{
  do {
    let apt = try Apt.open(archive, cache: settings.cacheFolder)
    try apt.update(offline: settings.offline)
    let answers = try apt.answers()
    var sets: [PackageSet] = []
    for inquiry in inquiries {
      let essential = try apt.essential(answers, keeping: inquiry.kept)
      sets.append(
        try apt.resolve(
          inquiry.request, essential: essential, answers, keeping: inquiry.kept))
    }
    return Answer(sets: sets, released: try apt.released(), version: try apt.version())
  } catch let error as ResolveError {
    throw error
  } catch let error as Failure {
    throw .failure(error)
  } catch {
    throw .failure(Failure("ask", "apt", cause: "\(error)"))
  }
}

private func refuseMissingKernel(
  _ recipe: Recipe, _ system: PackageSet, on architecture: Architecture
) throws(ResolveError) {
  guard !system.hasKernel else { return }
  let booting = recipe.images.filter { $0.value.boot != nil || $0.value.hasLiveSystem }
  let missing = booting.map { image in
    Diagnostic(
      "the image '\(image.value.name)' is to boot, but no package brings a kernel",
      at: image.value.boot?.mark ?? image.mark, path: "images",
      remedy: "add linux-image-cloud-\(architecture.rawValue) (virtual machines) or"
        + " linux-image-\(architecture.rawValue) to a packages module"
        + (image.value.hasLiveSystem ? "" : ", or use 'bootloader: none'"))
  }
  if !missing.isEmpty { throw .refusal(Refusal(diagnostics: missing)) }
}

private func refuseHoldingNothing(_ recipe: Recipe, _ system: PackageSet) throws(ResolveError) {
  let names = Set(system.packages.map(\.name))
  let missing = recipe.packageModules.flatMap(\.hold).filter { !names.contains($0.value) }
  if missing.isEmpty { return }
  throw .refusal(
    Refusal(
      diagnostics: missing.map { name in
        Diagnostic(
          "the package '\(name.value)' is to be held, but it is not installed", at: name.mark,
          path: "modules",
          remedy: suggestion(for: name.value, among: names.sorted()).map { "did you mean '\($0)'?" }
            ?? "add it to 'install'")
      }))
}

extension PackageSet {
  /// Whether a Debian kernel is among the packages.
  var hasKernel: Bool { packages.contains { $0.name.hasPrefix("linux-image-") } }
}
