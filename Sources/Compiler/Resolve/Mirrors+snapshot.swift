internal import Glibc
internal import Model

extension Mirrors {
  /// The archives of a moment in the past, below the address of an archive of them: the one given,
  /// the recipe's, or that of `PARTICLE_SNAPSHOT`.
  ///
  /// Each moment is a folder with the archive as it was, called `20250906T101904Z`; the security
  /// archive's are beside, as for any mirror.
  static func find(given: String?, recipe: String?, at moment: Timestamp) throws(Failure)
    -> Mirrors
  {
    let variable = getenv("PARTICLE_SNAPSHOT").map { String(cString: $0) } ?? ""
    guard let address = given ?? recipe ?? (variable.isEmpty ? nil : variable) else {
      throw Failure(
        "find", "the archive of \(moment)", cause: "no snapshot archive is configured",
        remedy:
          "set one with --mirror https://HOST/archive/debian, PARTICLE_SNAPSHOT, or"
          + " 'snapshot-mirror' in the recipe's base"
      )
    }
    if let flaw = Schema<String>.mirrorFlaw(of: address) {
      throw Failure(
        "use", "the URL of the snapshot archive", cause: flaw.problem,
        remedy: withoutLogins(address) != address
          ? flaw.remedy
          : "use the URL of the directory that has a subdirectory for each point in time:"
            + " https://HOST/archive/debian"
      )
    }
    var mirrors = Mirrors(main: address)
    mirrors.main += "/\(moment.compact)"
    mirrors.security = mirrors.security.map { "\($0)/\(moment.compact)" }
    return mirrors
  }
}

extension Timestamp {
  /// As archives of the past name their folders (ISO 8601, basic format): `20250906T101904Z`.
  fileprivate var compact: String { description.filter { $0 != "-" && $0 != ":" } }
}
