internal import Dispatch
internal import Model
internal import Synchronization

/// Asks apt what a recipe's packages are, and skopeo what its container images are, or takes them from
/// an earlier manifest.
func resolve(
  _ document: Recipe.Document, for architecture: Architecture, _ settings: ResolveSettings
) throws(ResolveError) -> Lock {
  let recipe = document.recipe
  let start = try Start(of: recipe, for: architecture, settings)
  let release = start.debian?.suite
  var request = Needs.request(for: recipe, document.contents, on: architecture, release)
  let isOlder = request.keepVariant(of: settings, named: recipe.base.variant)
  if start.debian == nil { try start.refusePackages(request, recipe.base.foreignArchitectures) }
  let names = tools(for: recipe, document.contents, on: architecture)
  let wanted = names.isEmpty ? nil : PackageRequest(packages: names.map { Located($0) })
  let toolsBase = start.toolsBase
  let further = further(of: recipe, document.contents)
  var questions: [String: PackageQuestion] = [:]
  questions["os"] = start.debian.map { request.question(further, $0) }
  questions["build"] = wanted?.question([], toolsBase)

  let kept = try kept(
    settings, architecture,
    [("os", questions["os"], request), ("build", questions["build"], wanted)],
    images: recipe.containers.map(\.value.name))
  var contents = document.contents
  contents.images = try storedImages(of: recipe, for: architecture, settings)
  var lock: Lock
  if let kept, kept.isWhole {
    lock = kept.lock(contents, isWithTools: wanted != nil)
  } else {
    var inquiries: [(name: String, base: DebianBase, inquiry: Inquiry)] = []
    if let debian = start.debian, start.installed == nil || !request.isEmpty {
      let inquiry = Inquiry(
        request: request, kept: kept?.pipelines["os"], system: start.installed, further: further)
      inquiries.append(("os", debian, inquiry))
    }
    if let wanted {
      let inquiry = Inquiry(request: wanted, kept: kept?.pipelines["build"])
      inquiries.append(("build", toolsBase, inquiry))
    }
    let answer = try ask(inquiries, architecture, settings)
    // The system's archive is asked first, and every system that starts from nothing has one.
    let released = kept?.released ?? start.created ?? answer.released ?? Timestamp(seconds: 0)
    var resolvers: [String: String] = [:]
    resolvers["apt"] = answer.version
    lock = Lock(
      container: start.container,
      system: answer.sets["os"]
        ?? PackageSet(
          packages: [], configureOrder: [], essential: [], requested: [],
          base: start.installed?.packages), tools: answer.sets["build"],
      contents: contents, released: released, resolvers: resolvers)
  }
  lock.questions = questions
  try refuseMissingKernel(recipe, lock.system, on: architecture)
  try refuseMissingInit(recipe, lock.system, on: architecture)
  lock.warnings =
    (isOlder ? [olderVariant(than: recipe)] : [])
    + missingForLife(recipe, lock.system, on: architecture)
  try refuseHoldingNothing(recipe, lock.system, on: architecture)
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

/// What one archive is asked for one tree.
private struct Inquiry {
  var request: PackageRequest
  /// What stays as it was.
  var kept: KeptPackages?
  /// What the packages come to; nil where they come to nothing.
  var system: InstalledSystem?
  var further: [Archive.FurtherRepository] = []
}

private struct Answer {
  /// By the name of the pipeline.
  var sets: [String: PackageSet] = [:]
  var released: Timestamp?
  var version: String?
}

/// Asks the archives, those that are the same one at once.
private func ask(
  _ inquiries: [(name: String, base: DebianBase, inquiry: Inquiry)],
  _ architecture: Architecture, _ settings: ResolveSettings
) throws(ResolveError) -> Answer {
  var answer = Answer()
  var open: [(archive: Archive, inquiries: [(name: String, inquiry: Inquiry)])] = []
  for (name, base, inquiry) in inquiries {
    do {
      var archive = try Archive(
        of: base, at: try mirrors(of: base, settings), for: architecture)
      archive.further = inquiry.further
      if let index = open.firstIndex(where: { $0.archive == archive }) {
        open[index].inquiries.append((name, inquiry))
      } else {
        open.append((archive, [(name, inquiry)]))
      }
    } catch { throw .failure(error) }
  }
  for (archive, inquiries) in open { try ask(archive, inquiries, settings, &answer) }
  return answer
}

/// Asks one archive.
///
/// Its folder in the cache is locked meanwhile, and no other one: two locks at a
/// time could wait for each other.
private func ask(
  _ archive: Archive, _ inquiries: [(name: String, inquiry: Inquiry)],
  _ settings: ResolveSettings, _ answer: inout Answer
) throws(ResolveError) {
  do {
    let apt = try Apt.open(archive, cache: try settings.openCache())
    try apt.update(offline: settings.offline)
    do {
      try ask(apt, inquiries, &answer)
    } catch ResolveError.damagedLists where !settings.offline {
      try apt.forget()
      try apt.update(offline: false)
      try ask(apt, inquiries, &answer)
    }
    if answer.released == nil { answer.released = try apt.released() }
    if answer.version == nil { answer.version = try apt.version() }
  } catch let error as ResolveError {
    throw error
  } catch let error as Failure {
    throw .failure(error)
  } catch {
    throw .failure(Failure("ask", "apt", cause: "\(error)"))
  }
}

/// Asks for each tree at the same time: apt solves one request on one processor.
private func ask(
  _ apt: borrowing Apt, _ inquiries: [(name: String, inquiry: Inquiry)], _ answer: inout Answer
) throws {
  let answers = try apt.answers()
  // The first question makes the cache of the lists that all others read.
  let essential = try inquiries.map { _, inquiry in
    inquiry.system == nil ? try apt.essential(answers, keeping: inquiry.kept) : []
  }
  let results = Mutex<[Int: Result<PackageSet, any Error>]>([:])
  DispatchQueue.concurrentPerform(iterations: inquiries.count) { index in
    let inquiry = inquiries[index].inquiry
    let result = Result {
      try apt.resolve(
        inquiry.request, essential: essential[index], answers, keeping: inquiry.kept,
        on: inquiry.system)
    }
    results.withLock { $0[index] = result }
  }
  let sets = results.withLock(\.self)
  for index in inquiries.indices { answer.sets[inquiries[index].name] = try sets[index]?.get() }
}

private func refuseMissingKernel(
  _ recipe: Recipe, _ system: PackageSet, on architecture: Architecture
) throws(ResolveError) {
  guard !system.hasKernel else { return }
  let missing = recipe.images.filter(\.value.boots).map { image in
    Diagnostic(
      "the image '\(image.value.name)' cannot boot: no package contains a kernel",
      at: image.value.boot?.mark ?? image.mark, path: "images",
      remedy: "add linux-image-cloud-\(architecture.rawValue) (virtual machines) or"
        + " linux-image-\(architecture.rawValue) to a packages module"
        + (image.value.hasLiveSystem || image.value.ostree != nil
          ? "" : ", or use 'bootloader: none'"))
  }
  if !missing.isEmpty { throw .refusal(Refusal(diagnostics: missing)) }
}

private func refuseHoldingNothing(
  _ recipe: Recipe, _ system: PackageSet, on architecture: Architecture
) throws(ResolveError) {
  let names = system.names(on: architecture)
  let missing = recipe.packageModules.flatMap(\.hold).filter { !names.contains($0.value) }
  if missing.isEmpty { return }
  throw .refusal(
    Refusal(
      diagnostics: missing.map { name in
        Diagnostic(
          "cannot hold the package '\(name.value)': it is not installed", at: name.mark,
          path: "modules",
          remedy: suggestion(for: name.value, among: names.sorted()).map { "did you mean '\($0)'?" }
            ?? "add it to 'install'")
      }))
}

extension PackageSet {
  /// The names of all packages, those that are there before them too.
  func names(on architecture: Architecture) -> Set<String> {
    let here = packages.map { $0.name(on: architecture) }
    let before = base?.packages.filter { !removed.contains($0.name) } ?? []
    return Set(here + before.map { $0.name.name(on: architecture) })
  }

  /// Whether a Debian kernel is among the packages, or there before them.
  var hasKernel: Bool {
    let names = configureOrder + (base?.packages.map(\.name.name) ?? [])
    return names.contains { $0.hasPrefix("linux-image-") && !$0.contains(":") }
  }
}
