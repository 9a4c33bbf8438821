internal import Model

/// What a system starts from, as far as it matters to what comes after it.
struct Start {
  /// Nil where it starts from nothing.
  var container: ContainerImage?
  /// When that was made.
  var created: Timestamp?
  /// The archive that packages come from; nil for a container that is not Debian's.
  var debian: DebianBase?
  /// The packages of the container; nil where there are none, or they are not asked for.
  var installed: InstalledSystem?
  /// Where the tools come from.
  var toolsBase: DebianBase
  /// Where the recipe names the container.
  private var mark: Mark?
  /// What the container is of, where that is not Debian.
  private var other = "a system other than Debian"

  /// Finds out what a recipe's system starts from.
  ///
  /// What a lock keeps is not asked for, unless packages are to be resolved on top of it.
  ///
  /// - Parameters:
  ///   - recipe: The recipe.
  ///   - architecture: The machine that is compiled for.
  ///   - settings: How the world is asked.
  /// - Throws: When the container is not to be had, or the lock is of another one.
  init(of recipe: Recipe, for architecture: Architecture, _ settings: ResolveSettings)
    throws(ResolveError)
  {
    let earlier = settings.update == .all ? nil : settings.lock?.lock
    try refuseStale(recipe.base, earlier)
    let base: ContainerBase
    switch recipe.base {
    case .debian(let plain):
      let dated = plain.with(settings)
      debian = dated
      toolsBase = dated.forTools
      return
    case .container(let container): base = container
    }
    mark = base.mark
    toolsBase = base.debian(.trixie).with(settings).forTools
    if let manifest = settings.lock, let earlier, settings.update == .none {
      container = try containerImage(of: manifest)
      created = earlier.released
      let release = earlier.pipelines["os"].flatMap {
        DebianBase.Suite(rawValue: $0.question.release)
      }
      debian = release.map { base.debian($0).with(settings) }
      return
    }
    let search = try ImageSearch(
      image: base.image, mark: base.mark, part: "base", architecture: architecture,
      settings: settings, wantsSystem: true)
    let found = try search.find(keeping: earlier?.container?.manifest)
    container = ContainerImage(
      known: PackageLock.Container(
        reference: base.image.text, manifest: found.manifest.digest, config: found.manifest.config,
        process: found.configuration.process), layers: search.layers(of: found))
    created = found.configuration.time
    other = found.system.description
    do {
      guard let packages = try found.system.packages(architecture, of: base.image.text),
        let status = found.system.status, let release = try base.release(of: found.system, search)
      else { return }
      debian = base.debian(release).with(settings)
      installed = InstalledSystem(status: status, packages: packages)
    } catch let error as ResolveError { throw error } catch let error as Failure {
      throw .failure(error)
    } catch { throw .failure(Failure("read", base.image.text, cause: "\(error)")) }
  }

  /// Refuses packages where there is no Debian to install them on.
  func refusePackages(
    _ request: PackageRequest, _ foreign: [Located<ForeignArchitecture>]
  ) throws(ResolveError) {
    let remedy =
      "use a Debian image with dpkg, or add what you need with files or a script"
    var found = (request.packages + request.remove).map { package in
      Diagnostic(
        "the package '\(package.value)' cannot be installed: the container is based on \(other)",
        at: package.mark ?? mark, path: "modules", remedy: remedy)
    }
    if !request.files.isEmpty {
      found.append(
        Diagnostic(
          "package files cannot be installed: the container is based on \(other)", at: mark,
          path: "modules",
          remedy: remedy))
    }
    if let first = foreign.first {
      found.append(
        Diagnostic(
          "foreign architectures are not possible: the container is based on \(other)",
          at: first.mark,
          path: "base", remedy: "remove 'foreign-architectures', or use a Debian image"))
    }
    if !found.isEmpty { throw .refusal(Refusal(diagnostics: found)) }
  }
}

extension ContainerBase {
  /// The Debian release that an image is of; nil for another system.
  fileprivate func release(of system: ImageSystem, _ search: ImageSearch) throws(ResolveError)
    -> DebianBase.Suite?
  {
    let id = system.value(of: "ID")
    if release == nil, id != "debian" { return nil }
    let own = system.value(of: "VERSION_CODENAME").flatMap { DebianBase.Suite(rawValue: $0) }
    guard let release else {
      if let own { return own }
      throw search.refusal(
        "the container image '\(image.text)' does not say which Debian release it is based on",
        "add it to the base, beside 'container': 'debian: trixie'")
    }
    // sid calls itself what the next release is called.
    guard own == nil || own == release || release == .sid else {
      throw search.refusal(
        "the container image '\(image.text)' is based on \(own?.rawValue ?? ""), but the recipe"
          + " says \(release.rawValue)",
        "write 'debian: \(own?.rawValue ?? "")', or use an image based on \(release.rawValue)")
    }
    return release
  }
}

/// Refuses an earlier manifest as a lock that starts from something else than the recipe.
private func refuseStale(_ base: Base, _ earlier: PackageLock?) throws(ResolveError) {
  guard let earlier else { return }
  var now: ContainerBase?
  if case .container(let container) = base { now = container }
  guard earlier.container?.reference != now?.image.text else { return }
  func named(_ reference: String?) -> String {
    reference.map { "the container image '\($0)'" } ?? "no container image"
  }
  throw .refusal(
    Refusal(diagnostics: [
      Diagnostic(
        "the lock is stale: it was made with \(named(earlier.container?.reference)), but the"
          + " recipe has \(named(now?.image.text))",
        at: now?.mark, path: "base",
        remedy: "resolve everything again: --update without names")
    ]))
}

extension DebianBase {
  /// What the command line says takes the place of what the recipe says.
  fileprivate func with(_ settings: ResolveSettings) -> DebianBase {
    var base = self
    base.snapshot = settings.snapshot ?? snapshot
    base.keyring = settings.keyring ?? keyring
    return base
  }

  /// Tools are always of one release, whichever the image has, never of further repositories, and of
  /// the machine's own architecture.
  fileprivate var forTools: DebianBase {
    if suite == .trixie {
      var base = self
      base.foreignArchitectures = []
      return base
    }
    return DebianBase(
      suite: .trixie, mirror: mirror, keyring: keyring, snapshot: snapshot,
      snapshotMirror: snapshotMirror)
  }
}
