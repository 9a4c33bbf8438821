internal import Model
internal import Processes

/// Why packages could not be resolved.
enum ResolveError: Error {
  /// The recipe asks for what there is not.
  case refusal(Refusal)
  case failure(Failure)
}

extension Apt {
  /// What apt's complaint about a request means to the person who made it.
  func refusal(_ errors: String, of packages: [String], for request: PackageRequest)
    -> ResolveError
  {
    var found: [Diagnostic] = []
    for (prefix, problem) in [
      ("E: Unable to locate package ", "there is no package"),
      ("E: Couldn't find any package by glob ", "there is no package"),
      ("E: Package ", "there is no version to install of the package"),
    ] {
      for name in AptOutput.words(after: prefix, errors) {
        guard let asked = request.packages.first(where: { $0.value.packageName == name }) else {
          continue
        }
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
            at: asked.mark, remedy: candidates(asked.value.packageName)))
      }
    }
    if !found.isEmpty { return .refusal(Refusal(diagnostics: found)) }
    return .failure(unsatisfiable(errors, packages))
  }

  private func unsatisfiable(_ errors: String, _ packages: [String]) -> Failure {
    // Only when it is not told to be quiet does apt-get give its reasons.
    let output = (try? run(["apt-get", "-s", "install"] + packages).text) ?? ""
    let lines = output.split(separator: "\n").map(String.init)
    let start = lines.firstIndex { $0.contains("unmet dependencies") }
    let reasons = start.map { lines[($0 + 1)...].filter { $0.hasPrefix(" ") } } ?? []
    let said = errors.split(separator: "\n").filter { $0.hasPrefix("E: ") }.map { $0.dropFirst(3) }
    let cause = reasons.isEmpty ? said.map { " \($0)" } : Array(reasons)
    return Failure(
      "install", "the recipe's packages together from \(archive.suite)",
      cause: cause.isEmpty
        ? "apt-get gives no reason" : cause.map { "\n   \($0)" }.joined(),
      remedy: "remove one of the packages that exclude each other, or add the missing suite or"
        + " component to the recipe's base")
  }

  private func near(_ name: String) -> String {
    let known = (try? run(["apt-cache", "pkgnames"]).text) ?? ""
    let length = name.utf8.count
    let candidates = known.split(separator: "\n").filter {
      $0.utf8.first == name.utf8.first && abs($0.utf8.count - length) <= max(1, length / 3)
    }
    if let near = suggestion(for: name, among: candidates.map(String.init)) {
      return "did you mean '\(near)'?"
    }
    return "packages.debian.org finds names; 'components' and 'suites' of the base widen the choice"
  }

  private func candidates(_ name: String) -> String {
    let table = (try? run(["apt-cache", "madison", name]).text) ?? ""
    let versions = table.split(separator: "\n").compactMap { line -> String? in
      let columns = line.split(separator: "|")
      return columns.count > 1 ? columns[1].split(separator: " ").joined() : nil
    }
    if versions.isEmpty { return "leave the version out" }
    return "there is \(versions.joined(separator: ", ")); leave it out for the newest"
  }
}
