internal import Files
internal import Model
internal import Processes

extension Apt {
  /// The names of the machine's own essential packages and of all that they need.
  func essential(_ answers: Answers, keeping kept: KeptPackages?) throws(ResolveError) -> Set<
    String
  > {
    do {
      let plan = try plan(for: PackageRequest(packages: []), answers, keeping: kept)
      let machine = archive.architecture.rawValue
      let pattern =
        archive.foreignArchitectures.isEmpty
        ? "?essential" : "?and(?essential,?architecture(\(machine)))"
      let listed = try install([pattern], options: ["--print-uris"], plan)
      return Set(try AptOutput.packages(listed).map { $0.name(on: archive.architecture) })
    } catch let error as Failure { throw .failure(error) } catch let error as ResolveError {
      throw error
    } catch { throw .failure(Failure("ask", "apt", cause: "\(error)")) }
  }

  /// The packages that a request leads to, on top of the essential ones, or of a system that is there.
  ///
  /// Those that are `kept` have the versions they had.
  func resolve(
    _ request: PackageRequest, essential: Set<String>, _ answers: Answers,
    keeping kept: KeptPackages?, on system: InstalledSystem? = nil
  ) throws(ResolveError) -> PackageSet {
    var asked = request.packages.map(\.value)
    let names = Set(asked.map(\.packageName))
    // An essential package that the request could do without (another one provides it) stays, for
    // it is in the first root. One that is not to be had is for apt to refuse.
    asked += essential.subtracting(names).sorted()
    do {
      let plan = try plan(for: request, answers, keeping: kept, on: system)
      if !request.recommending.isEmpty {
        let recommended = try install(
          request.recommending + plan.removals, options: ["-o", "APT::Install-Recommends=true"],
          plan)
        let known = Set(asked.map(\.packageName))
        asked += Set(AptOutput.order("Inst", recommended)).subtracting(known).sorted()
      }
      asked += plan.files + plan.removals
      let simulated = try install(asked, plan)
      let listed = try install(asked, options: ["--print-uris"], plan)
      var set = try set(listed, simulated, essential, requested: names, request)
      set.keep(kept)
      if let system {
        set.base = system.packages
        set.removed = try removed(simulated, from: system.packages)
      }
      try refuseStandIns(request, set)
      set.relations = try relations(of: set, plan)
      return set
    } catch let error as Failure { throw .failure(error) } catch let error as ResolveError {
      throw error
    } catch { throw .failure(Failure("ask", "apt", cause: "\(error)")) }
  }

  /// What apt is told beside the names.
  struct Plan {
    var request: PackageRequest
    var answers: Answers
    var kept: KeptPackages?
    /// Settings and further sources of packages.
    var options: [String]
    /// The local packages, as apt wants them named.
    var files: [String]
    var removals: [String] { request.remove.map { "\($0.value)-" } }
  }

  /// Writes what apt reads beside its lists: each file is called by its digest, so that the same
  /// question means the same.
  private func plan(
    for request: PackageRequest, _ answers: Answers, keeping kept: KeptPackages?,
    on system: InstalledSystem? = nil
  ) throws(Failure) -> Plan {
    var options: [String] = []
    if let system {
      let path = try answers.write(system.status, as: "status")
      options += ["-o", "Dir::State::status=\(path)"]
    }
    let preferences = request.pins.map(\.preferences) + [kept?.preferences].compactMap { $0 }
    if !preferences.isEmpty {
      let path = try answers.write(preferences.joined(separator: "\n"), as: "preferences")
      options += ["-o", "Dir::Etc::Preferences=\(path)"]
    }
    if let kept, !kept.index.isEmpty {
      options += ["--with-source", try answers.write(kept.index, as: "Packages")]
    }
    let files = try request.files.map { (file) throws(Failure) in try answers.link(file) }
    return Plan(
      request: request, answers: answers, kept: kept, options: options, files: files)
  }

  private func set(
    _ listed: String, _ simulated: String, _ essential: Set<String>, requested: Set<String>,
    _ request: PackageRequest
  ) throws(Failure) -> PackageSet {
    var packages = try AptOutput.packages(listed) { url in
      // apt follows the link that has the digest.
      request.files.first { "file:\($0.path)" == AptOutput.unescaped(url[...]) }?.digest
    }
    var requested = requested
    for index in packages.indices {
      let digest = packages[index].digest
      guard let file = request.files.first(where: { $0.digest == digest }) else { continue }
      packages[index].source = file.source(name: packages[index].file)
      requested.insert(packages[index].name(on: archive.architecture))
    }
    let byName = Dictionary(packages.map { ($0.name(on: archive.architecture), $0) }) { first, _ in
      first
    }
    let unpackOrder = AptOutput.order("Inst", simulated).compactMap { byName[$0] }
    let configureOrder = AptOutput.order("Conf", simulated)
    guard unpackOrder.count == packages.count, byName.count == packages.count,
      Set(configureOrder) == Set(byName.keys), configureOrder.count == packages.count
    else {
      throw Failure(
        "understand", "apt-get's plan",
        cause: "\(packages.count) files, \(unpackOrder.count) to unpack and"
          + " \(configureOrder.count) to configure do not belong together")
    }
    return PackageSet(
      packages: unpackOrder, configureOrder: configureOrder, essential: essential,
      requested: requested)
  }

  /// The packages that go when the others come.
  private func removed(_ simulated: String, from base: InstalledPackages) throws(Failure)
    -> [InstalledPackages.Name]
  {
    var all: [InstalledPackages.Name] = []
    for name in AptOutput.removed(simulated) {
      // Without an architecture it is the machine's own, or for all.
      let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
      let own = parts.count > 1 ? [parts[1]] : [archive.architecture.rawValue, "all"]
      guard
        let found = base.packages.first(where: {
          $0.name.name == parts[0] && own.contains($0.name.architecture)
        })
      else {
        throw Failure(
          "understand", "apt-get's plan", cause: "it removes '\(name)', which is not there")
      }
      all.append(found.name)
    }
    return all
  }

  /// What `apt-get install` says it would do.
  private func install(_ packages: [String], options: [String] = [], _ plan: Plan)
    throws(ResolveError) -> String
  {
    let mode = options.contains("--print-uris") ? [] : ["-s"]
    let question =
      ["apt-get", "-qq", "-y"] + mode + plan.options + options + ["install"] + packages
    if let answer = plan.answers.known(question) { return answer }
    let outcome: Command.Outcome
    do {
      outcome = try run(question)
      if outcome.ending.isSuccess {
        try plan.answers.keep(outcome.text, to: question)
        return outcome.text
      }
    } catch { throw .failure(error) }
    throw refusal(outcome.errorText, of: packages, plan)
  }

  /// What the index says of the packages of a set.
  private func relations(of set: PackageSet, _ plan: Plan) throws(Failure) -> [String: [String:
    String]]
  {
    let machine = archive.architecture
    let names = set.packages.map { "\($0.name(on: machine))=\($0.version)" }
    guard !names.isEmpty else { return [:] }
    let files = plan.files.flatMap { ["--with-source", $0] }
    let question = ["apt-cache"] + plan.options + files + ["show"] + names
    if let answer = plan.answers.known(question) {
      return PackageIndex.relations(answer, on: machine)
    }
    let outcome = try run(question)
    guard outcome.ending.isSuccess else {
      throw Failure("read", "apt's package lists", cause: outcome.errorText)
    }
    let relations = PackageIndex.relations(outcome.text, on: machine)
    try plan.answers.keep(PackageIndex.text(relations), to: question)
    return relations
  }
}

extension PackageFile {
  /// How a manifest carries it.
  fileprivate func source(name: String) -> Source {
    guard let bytes else {
      return .download(Source.Download(name: name, size: size, urls: [path.fileAddress]))
    }
    return .inline(Source.Inline(name: name, inline: base64(bytes)))
  }
}
