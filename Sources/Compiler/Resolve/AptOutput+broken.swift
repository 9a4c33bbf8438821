extension AptOutput {
  /// A relation that keeps a package from being installed.
  struct Broken: Equatable {
    var package: String
    /// What the package does: "depends on".
    var verb: String
    /// What it does it to: `libc6 (>= 2.36)`.
    var dependency: String
    /// Why that cannot be; empty where apt does not say.
    var reason: String
  }

  private static let verbs = [
    "Depends": "depends on", "PreDepends": "depends on", "Conflicts": "conflicts with",
    "Breaks": "breaks", "Recommends": "recommends",
  ]

  /// What apt-get says after that packages have unmet dependencies.
  ///
  ///      hello : Depends: greeting (>= 9) but 2.0 is to be installed or
  ///                       other but it is not installable
  ///              Conflicts: quarrel but 1.0 is to be installed
  static func broken(_ text: String) -> [Broken] {
    let lines = text.split(separator: "\n")
    guard let start = lines.firstIndex(where: { $0.contains("have unmet dependencies") }) else {
      return []
    }
    var found: [Broken] = []
    var package = ""
    for line in lines[(start + 1)...] {
      guard line.hasPrefix(" ") else { break }
      var rest = line.drop { $0 == " " }
      if !line.hasPrefix("  "), let end = rest.firstRange(of: " : ") {
        package = String(rest[..<end.lowerBound])
        rest = rest[end.upperBound...].drop { $0 == " " }
      }
      guard let colon = rest.firstRange(of: ": "),
        let verb = verbs[String(rest[..<colon.lowerBound])]
      else { continue }
      rest = rest[colon.upperBound...]
      if rest.hasSuffix(" or") { rest = rest.dropLast(3) }
      let split = rest.firstRange(of: " but ")
      found.append(
        Broken(
          package: package, verb: verb,
          dependency: String(rest[..<(split?.lowerBound ?? rest.endIndex)]),
          reason: split.map { String(rest[$0.upperBound...]) } ?? ""))
    }
    return found
  }
}
