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
      let listed = try install([pattern], plan)
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
      let variant = Set(try self.packages(of: request.variant, answers))
        .subtracting(request.remove.map(\.value.packageName))
      asked += variant.subtracting(names).subtracting(essential).sorted()
      let plan = try plan(for: request, answers, keeping: kept, on: system)
      try refuseEmptyPins(request, plan)
      if !request.recommending.isEmpty {
        let recommended = try install(
          request.recommending + plan.removals, options: ["-o", "APT::Install-Recommends=true"],
          plan)
        let names = try AptOutput.packages(recommended).map { $0.name(on: archive.architecture) }
        asked += Set(names).subtracting(asked.map(\.packageName)).sorted()
      }
      let listed = try install(asked + plan.files + plan.removals, plan)
      var (packages, requested) = try packages(listed, request)
      let relations = try relations(of: packages, plan)
      let ordered = try order(packages, relations, plan, on: system)
      packages = try sorted(packages, ordered)
      var set = PackageSet(
        packages: packages, configureOrder: AptOutput.order("Conf", ordered), essential: essential,
        requested: names.union(requested).union(variant), relations: relations)
      set.keep(kept)
      if let system {
        set.base = system.packages
        set.removed = try removed(ordered, from: system.packages)
      }
      try refuseStandIns(request, set)
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
    /// What is installed already, as an option.
    var status: [String]
    /// Further settings and sources of packages.
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
    var status: [String] = []
    if let system {
      let path = try answers.write(system.status, as: "status")
      status = ["-o", "Dir::State::status=\(path)"]
    }
    var options: [String] = []
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
      request: request, answers: answers, kept: kept, status: status, options: options,
      files: files)
  }

  /// The packages that apt would fetch, and the names of those of them that are local files.
  private func packages(_ listed: String, _ request: PackageRequest) throws(Failure) -> (
    [Package], local: Set<String>
  ) {
    var packages = try AptOutput.packages(listed) { url in
      // apt follows the link that has the digest.
      request.files.first { "file:\($0.path)" == AptOutput.unescaped(url[...]) }?.digest
    }
    var local: Set<String> = []
    for index in packages.indices {
      let digest = packages[index].digest
      guard let file = request.files.first(where: { $0.digest == digest }) else { continue }
      packages[index].source = file.source(name: packages[index].file)
      local.insert(packages[index].name(on: archive.architecture))
    }
    return (packages, local)
  }

  /// What apt would do with a set of packages, step by step.
  ///
  /// It is asked with an index that has nothing but the set: with that of a whole archive, a
  /// simulation goes through all of its packages at each step (11 s for a desktop), and what else the
  /// archive has would have a say in the order.
  private func order(
    _ packages: [Package], _ relations: [String: [String: String]], _ plan: Plan,
    on system: InstalledSystem?
  ) throws(ResolveError) -> String {
    // What is neither there nor comes has not to go, and is not in this index.
    let there = Set(
      (system?.packages.packages ?? []).flatMap {
        [$0.name.name(on: archive.architecture), $0.name.description]
      })
    let removals = plan.request.remove.filter { there.contains($0.value) }.map { "\($0.value)-" }
    let index = PackageIndex.text(of: packages, relations, on: archive.architecture)
    let options: [String]
    do {
      options = [
        "-o", "Dir::Etc::SourceParts=\(folder)/empty.d", "--with-source",
        try plan.answers.write(index, as: "Packages"),
      ]
    } catch { throw .failure(error) }
    let names = packages.map { "\($0.name(on: archive.architecture))=\($0.version)" }
    return try ask(
      ["apt-get", "-qq", "-y", "-s"] + plan.status + options + ["install"] + names + removals,
      of: names, plan)
  }

  /// The packages in the order in which they are unpacked.
  private func sorted(_ packages: [Package], _ ordered: String) throws(Failure) -> [Package] {
    let byName = Dictionary(packages.map { ($0.name(on: archive.architecture), $0) }) { first, _ in
      first
    }
    let unpackOrder = AptOutput.order("Inst", ordered).compactMap { byName[$0] }
    let configureOrder = AptOutput.order("Conf", ordered)
    guard unpackOrder.count == packages.count, byName.count == packages.count,
      Set(configureOrder) == Set(byName.keys), configureOrder.count == packages.count
    else {
      throw Failure(
        "understand", "apt-get's plan",
        cause: "\(packages.count) files, \(unpackOrder.count) to unpack and"
          + " \(configureOrder.count) to configure do not match")
    }
    return unpackOrder
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
          "understand", "apt-get's plan", cause: "it removes '\(name)', which is not installed")
      }
      all.append(found.name)
    }
    return all
  }

  /// The files that `apt-get install` would fetch.
  private func install(_ packages: [String], options: [String] = [], _ plan: Plan)
    throws(ResolveError) -> String
  {
    try ask(
      ["apt-get", "-qq", "-y", "--print-uris"] + plan.status + plan.options + options
        + ["install"] + packages, of: packages, plan)
  }

  private func ask(_ question: [String], of packages: [String], _ plan: Plan) throws(ResolveError)
    -> String
  {
    if let answer = plan.answers.known(question) { return answer }
    let outcome: Command.Outcome
    do {
      outcome = try run(question)
      if outcome.ending.isSuccess {
        try plan.answers.keep(outcome.text, to: question)
        return outcome.text
      }
    } catch { throw .failure(error) }
    throw damage(outcome.errorText) ?? refusal(outcome.errorText, of: packages, plan)
  }

  /// What the index says of the packages of a set.
  private func relations(of packages: [Package], _ plan: Plan) throws(Failure) -> [String: [String:
    String]]
  {
    let machine = archive.architecture
    let names = packages.map { "\($0.name(on: machine))=\($0.version)" }
    guard !names.isEmpty else { return [:] }
    let files = plan.files.flatMap { ["--with-source", $0] }
    let question = ["apt-cache"] + plan.status + plan.options + files + ["show"] + names
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
