internal import Model
internal import Processes

/// What packages are asked for.
struct PackageRequest: Sendable, Equatable {
  /// Names, each perhaps with `=version` or `/suite`.
  var packages: [Located<String>]
  /// Those of them whose recommendations are wanted too.
  var recommending: [String] = []
}

extension Apt {
  /// The names of the essential packages and of all that they need.
  func essential(_ answers: Answers) throws(ResolveError) -> Set<String> {
    let nothing = PackageRequest(packages: [])
    let listed = try install(["?essential"], options: ["--print-uris"], for: nothing, answers)
    do { return Set(try AptOutput.packages(listed).map(\.name)) } catch { throw .failure(error) }
  }

  /// The packages that a request leads to, on top of the essential ones.
  func resolve(
    _ request: PackageRequest, essential: Set<String>, _ answers: Answers
  ) throws(ResolveError) -> PackageSet {
    var asked = request.packages.map(\.value)
    let names = Set(asked.map(\.packageName))
    // An essential package that the request could do without (another one provides it) stays, for
    // it is in the first root.
    asked += essential.subtracting(names).sorted()
    if !request.recommending.isEmpty {
      let recommended = try install(
        request.recommending, options: ["-o", "APT::Install-Recommends=true"], for: request,
        answers)
      let known = Set(asked.map(\.packageName))
      asked += Set(AptOutput.order("Inst", recommended)).subtracting(known).sorted()
    }
    let simulated = try install(asked, for: request, answers)
    let listed = try install(asked, options: ["--print-uris"], for: request, answers)
    do { return try set(listed, simulated, essential, requested: names) } catch {
      throw .failure(error)
    }
  }

  private func set(
    _ listed: String, _ simulated: String, _ essential: Set<String>, requested: Set<String>
  ) throws(Failure) -> PackageSet {
    let packages = try AptOutput.packages(listed)
    let byName = Dictionary(packages.map { ($0.name, $0) }) { first, _ in first }
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

  /// What `apt-get install` says it would do.
  private func install(
    _ packages: [String], options: [String] = [], for request: PackageRequest,
    _ answers: Answers
  ) throws(ResolveError) -> String {
    let mode = options.contains("--print-uris") ? [] : ["-s"]
    let question = ["apt-get", "-qq", "-y"] + mode + options + ["install"] + packages
    if let answer = answers.known(question) { return answer }
    let outcome: Command.Outcome
    do {
      outcome = try run(question)
      if outcome.ending.isSuccess {
        try answers.keep(outcome.text, to: question)
        return outcome.text
      }
    } catch { throw .failure(error) }
    throw refusal(outcome.errorText, of: packages, for: request)
  }
}

extension String {
  /// Of a request for a package its name alone.
  var packageName: String { String(prefix { $0 != "=" && $0 != "/" }) }
}
