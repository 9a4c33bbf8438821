internal import Files
internal import Glibc
internal import Hashing
internal import Model

/// How the outside world is asked.
package struct ResolveSettings: Sendable, Equatable {
  /// A mirror that takes the place of the recipe's and the host's.
  package var mirror: String?
  /// Where package lists are kept between runs; nil for the user's usual place.
  package var cache: String?
  /// Whether to use only what an earlier run fetched.
  package var offline: Bool

  package init(mirror: String? = nil, cache: String? = nil, offline: Bool = false) {
    self.mirror = mirror
    self.cache = cache
    self.offline = offline
  }

  var cacheFolder: String {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    if let folder = cache ?? variable("PARTICLE_CACHE") { return folder }
    if getuid() == 0 { return "/var/cache/particle/compile" }
    let home = variable("XDG_CACHE_HOME") ?? (variable("HOME") ?? "/tmp") + "/.cache"
    return home + "/particle/compile"
  }
}

/// Asks apt what a recipe's packages are.
func resolve(
  _ document: Recipe.Document, for architecture: Architecture, _ settings: ResolveSettings
) throws(ResolveError) -> Lock {
  let recipe = document.recipe
  let system: Archive
  let tools: Archive
  do {
    let mirrors = try Mirrors.find(given: settings.mirror, recipe: recipe.base.mirror)
    system = try Archive(of: recipe.base, at: mirrors, for: architecture)
    // Tools are always of one release, whichever the image has.
    let trixie = DebianBase(suite: .trixie, keyring: recipe.base.keyring)
    tools =
      recipe.base.suite == .trixie
      ? system : try Archive(of: trixie, at: mirrors, for: architecture)
  } catch { throw .failure(error) }

  let names = Needs.tools(for: recipe, on: architecture)
  let wanted = names.isEmpty ? nil : PackageRequest(packages: names.map { Located($0) })
  let request = Needs.request(for: recipe)
  var answer = try ask(
    system, [request] + (system == tools ? [wanted].compactMap { $0 } : []), settings)
  if let wanted, system != tools {
    answer.sets += try ask(tools, [wanted], settings).sets
  }
  try refuseMissingKernel(recipe, answer.sets[0], on: architecture)
  return Lock(
    system: answer.sets[0], tools: answer.sets.count > 1 ? answer.sets[1] : nil,
    contents: document.contents, released: answer.released, resolvers: ["apt": answer.version])
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
private func ask(_ archive: Archive, _ requests: [PackageRequest], _ settings: ResolveSettings)
  throws(ResolveError) -> Answer
{
  let digest = SHA256.digest(Array("\(archive.architecture)\n\(archive.sources)".utf8))
  do {
    let apt = try Apt.open(
      archive, cache: settings.cacheFolder, name: "\(archive.suite)-\(digest.hex.prefix(16))")
    try apt.update(offline: settings.offline)
    let answers = try apt.answers()
    let essential = try apt.essential(answers)
    var sets: [PackageSet] = []
    for request in requests {
      sets.append(try apt.resolve(request, essential: essential, answers))
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

extension PackageSet {
  /// Whether a Debian kernel is among the packages.
  var hasKernel: Bool { packages.contains { $0.name.hasPrefix("linux-image-") } }
}
