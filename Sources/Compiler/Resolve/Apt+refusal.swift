internal import Model
internal import Processes

/// Why packages could not be resolved.
enum ResolveError: Error {
  /// The recipe asks for what there is not.
  case refusal(Refusal)
  case failure(Failure)
  /// apt cannot read the lists it has, which it does not mend itself.
  case damagedLists(Failure)
}

extension Apt {
  /// What apt's complaint about a request means to the person who made it.
  func refusal(_ errors: String, of packages: [String], _ plan: Plan) -> ResolveError {
    let request = plan.request
    var found: [Diagnostic] = []
    for (prefix, problem) in [
      ("E: Unable to locate package ", "cannot find the package"),
      ("E: Couldn't find any package by glob ", "cannot find the package"),
      ("E: Package ", "cannot find an installable version of the package"),
    ] {
      for name in AptOutput.words(after: prefix, errors) {
        let asked = request.packages + request.remove
        guard let asked = asked.first(where: { $0.value.packageName == name }) else { continue }
        guard !found.contains(where: { $0.mark == asked.mark && asked.mark != nil }) else {
          continue
        }
        found.append(
          Diagnostic(
            "\(problem) '\(name)' in \(archive.suite)", at: asked.mark, remedy: near(name)))
      }
    }
    for (prefix, what) in [("E: Version ", "version"), ("E: Release ", "suite")] {
      for value in AptOutput.words(after: prefix, errors) {
        let asked = request.packages.first {
          $0.value.hasSuffix("=\(value)") || $0.value.hasSuffix("/\(value)")
        }
        guard let asked else { continue }
        found.append(
          Diagnostic(
            "the package '\(asked.value.packageName)' has no \(what) '\(value)' in \(archive.suite)",
            at: asked.mark,
            remedy: what == "suite"
              ? "add it to the base: 'suites: [\(archive.suite), \(value)]'"
              : candidates(asked.value.packageName).map {
                "\(archive.suite) has \($0); remove it to get the newest"
              } ?? "remove the version"))
      }
    }
    if !found.isEmpty { return .refusal(Refusal(diagnostics: found)) }
    return unsatisfiable(errors, packages, plan)
  }

  /// How many dependencies are told that cannot be satisfied: a package may have any number.
  private static let mostBroken = 20

  private func unsatisfiable(_ errors: String, _ packages: [String], _ plan: Plan)
    -> ResolveError
  {
    let request = plan.request
    // Only when it is not told to be quiet does apt-get give its reasons.
    let output = (try? run(["apt-get", "-s"] + plan.options + ["install"] + packages).text) ?? ""
    let broken = AptOutput.broken(output)
    if !broken.isEmpty {
      // For each of them apt is asked more.
      var found = broken.prefix(Self.mostBroken).map { diagnostic(for: $0, plan) }
      if broken.count > found.count {
        found.append(
          Diagnostic(
            "\(broken.count - found.count) more dependencies cannot be satisfied", path: "modules",
            remedy: "correct the first ones, then compile again"))
      }
      return .refusal(Refusal(diagnostics: found))
    }
    let said = errors.split(separator: "\n").filter { $0.hasPrefix("E: ") }.map { $0.dropFirst(3) }
    // apt names the file by the path that it was given.
    for (file, path) in zip(request.files, plan.files) {
      let told = said.filter { $0.contains(path) || $0.contains(file.path) }
      guard !told.isEmpty else { continue }
      return .failure(
        Failure(
          "read", file.path, cause: said.map { "\n    \($0)" }.joined(),
          remedy: "correct the fields of its control file; dpkg-deb --info shows them"))
    }
    let needed = neededByAll(plan) + neededByOthers(output, plan)
    if !needed.isEmpty { return .refusal(Refusal(diagnostics: needed)) }
    return .failure(
      Failure(
        "install", "the recipe's packages together from \(archive.suite)",
        cause: said.isEmpty ? "apt-get gives no reason" : said.map { "\n    \($0)" }.joined(),
        remedy:
          "remove one of the packages that conflict, or add the missing suite or component to the"
          + " recipe's base"
      ))
  }

  /// Packages that the recipe removes, and every system must have.
  private func neededByAll(_ plan: Plan) -> [Diagnostic] {
    plan.request.remove.filter { isEssential($0.value) }.map { asked in
      Diagnostic(
        "'\(asked.value)' cannot be removed: every Debian system that apt installs into must have it",
        at: asked.mark, path: "modules", remedy: "remove it from this list")
    }
  }

  /// Packages that the recipe removes, and apt would install again for what depends on them.
  private func neededByOthers(_ output: String, _ plan: Plan) -> [Diagnostic] {
    let held = AptOutput.paragraph(after: "The following held packages will be changed:", output)
    return plan.request.remove.filter { held.contains($0.value) && !isEssential($0.value) }.map {
      Diagnostic(
        "'\($0.value)' cannot be removed: packages that are installed depend on it",
        at: $0.mark, path: "modules",
        remedy: "remove it from this list, or the packages that depend on it, too")
    }
  }

  private func isEssential(_ name: String) -> Bool {
    let said = (try? run(["apt-cache", "show", "--no-all-versions", name]).text) ?? ""
    return said.split(separator: "\n").contains {
      $0 == "Essential: yes" || $0 == "Priority: required"
    }
  }

  /// The packages of the recipe that provide a virtual package.
  private func providers(of name: String, _ plan: Plan) -> [String] {
    let asked = Set(plan.request.packages.map(\.value.packageName))
    let said = (try? run(["apt-cache", "showpkg", name]).text) ?? ""
    let lines = said.split(separator: "\n").drop {
      $0 != "Reverse Provides: " && $0 != "Reverse Provides:"
    }
    let names = lines.dropFirst().compactMap { $0.split(separator: " ").first.map(String.init) }
    return Set(names).intersection(asked).sorted()
  }

  private func diagnostic(for broken: AptOutput.Broken, _ plan: Plan) -> Diagnostic {
    let request = plan.request
    var name = String(broken.dependency.prefix { $0 != " " })
    if name.hasSuffix(":any") { name = name.withoutArchitecture }
    let refused = request.remove.first { $0.value == name }
    let asked = request.packages.first { $0.value.packageName == broken.package }
    let remedy: String
    if let refused {
      let place = refused.mark.map { " on line \($0.line)" } ?? ""
      remedy = "the recipe removes '\(name)'\(place): keep it, or remove '\(broken.package)' too"
    } else if let version = plan.kept?.version(of: name), let versions = candidates(name, plan) {
      remedy =
        "the lock keeps '\(name)' at \(version), but \(archive.suite) has \(versions): add it to"
        + " --update"
    } else if let versions = candidates(name, plan) {
      remedy =
        "\(archive.suite) has \(versions) of '\(name)'; remove what conflicts with it, or add the"
        + " suite that has another version"
    } else if case let others = providers(of: name, plan), others.count > 1 {
      remedy =
        "\(others.joined(separator: " and ")) provide it, and only one of them can be there: remove the others"
    } else {
      remedy =
        "\(archive.suite) has no package '\(name)'; add the suite, component or repository that"
        + " has it"
    }
    return Diagnostic(
      "the package '\(broken.package)' cannot be installed: it \(broken.verb)"
        + " '\(broken.dependency)'\(broken.reason.isEmpty ? "" : ", but \(broken.reason)")",
      at: asked?.mark ?? refused?.mark, path: "modules", remedy: remedy)
  }

  /// Refuses a package of a foreign architecture in whose place apt takes the machine's own, as it
  /// does with what is `Multi-Arch: foreign`.
  func refuseStandIns(_ request: PackageRequest, _ set: PackageSet) throws(ResolveError) {
    let machine = archive.architecture
    let names = Set(
      set.packages.map { $0.name(on: machine) }
        + (set.base?.packages.map { $0.name.name(on: machine) } ?? []))
    let missing = request.packages.filter {
      $0.value.packageName.contains(":") && !names.contains($0.value.packageName)
    }
    if missing.isEmpty { return }
    throw .refusal(
      Refusal(
        diagnostics: missing.map { asked in
          let name = asked.value.packageName
          return Diagnostic(
            "cannot find the package '\(name)' in \(archive.suite)", at: asked.mark,
            path: "modules",
            remedy: near(name))
        }))
  }

  /// Refuses pins of a package or a suite that no source has: apt would say nothing, and do nothing.
  func refuseEmptyPins(_ request: PackageRequest, _ plan: Plan) throws(ResolveError) {
    guard !request.pins.isEmpty else { return }
    var diagnostics: [Diagnostic] = []
    for name in request.pins.flatMap(\.packages)
    where !name.value.contains("*") && candidates(name.value, plan) == nil {
      diagnostics.append(
        Diagnostic(
          "no repository has the pinned package '\(name.value)'", at: name.mark,
          path: "modules",
          remedy: near(name.value)))
    }
    let suites = suites(plan)
    for pin in request.pins {
      guard case .suite(let suite) = pin.origin, !suites.isEmpty, !suites.contains(suite) else {
        continue
      }
      diagnostics.append(
        Diagnostic(
          "no repository has the pinned suite '\(suite)'", at: pin.packages.first?.mark,
          path: "modules",
          remedy: suggestion(for: suite, among: suites.sorted()).map { "did you mean '\($0)'?" }
            ?? "add it to 'suites' of the base; the current suites are"
            + " \(suites.sorted().joined(separator: ", "))"
        ))
    }
    if !diagnostics.isEmpty { throw .refusal(Refusal(diagnostics: diagnostics)) }
  }

  /// The names and code names of the suites that the sources have.
  private func suites(_ plan: Plan) -> Set<String> {
    let said = (try? run(["apt-cache"] + plan.options + ["policy"]).text) ?? ""
    // release v=13,o=Debian,a=stable,n=trixie,l=Debian,c=main,b=amd64
    let fields = said.split(separator: "\n").filter { $0.drop { $0 == " " }.hasPrefix("release ") }
      .flatMap { $0.drop { $0 == " " }.dropFirst("release ".count).split(separator: ",") }
    let names = fields.filter { $0.hasPrefix("a=") || $0.hasPrefix("n=") }
    return Set(names.map { String($0.dropFirst(2)) }).subtracting(["now"])
  }

  private func near(_ name: String) -> String {
    if let known = ForeignPackages.remedy(for: name) { return known }
    let architecture = name.drop { $0 != ":" }
    if !architecture.isEmpty, candidates(name.withoutArchitecture) != nil {
      return "it exists for \(archive.architecture.rawValue): write '\(name.withoutArchitecture)'"
    }
    let name = name.withoutArchitecture
    let known = (try? run(["apt-cache", "pkgnames"]).text) ?? ""
    let length = name.utf8.count
    let candidates = known.split(separator: "\n").filter {
      $0.utf8.first == name.utf8.first && abs($0.utf8.count - length) <= max(1, length / 3)
    }
    if let near = suggestion(for: name, among: candidates.map(String.init)) {
      return "did you mean '\(near)\(architecture)'?"
    }
    return
      "search packages.debian.org for the name, or add the 'components' or 'suites' that have it"
      + " to the base"
  }

  /// The versions that there are of a package, the newest first; nil for none.
  private func candidates(_ name: String, _ plan: Plan? = nil) -> String? {
    let options = plan?.options ?? []
    let table = (try? run(["apt-cache"] + options + ["madison", name]).text) ?? ""
    var versions: [String] = []
    for line in table.split(separator: "\n") {
      let columns = line.split(separator: "|")
      guard columns.count > 1 else { continue }
      let version = columns[1].split(separator: " ").joined()
      if !versions.contains(version) { versions.append(version) }
    }
    return versions.isEmpty ? nil : versions.joined(separator: ", ")
  }
}
