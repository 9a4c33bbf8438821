package import Model

/// Which versions of packages apt prefers, as apt_preferences(5) has it.
package struct Pin: Sendable, Equatable {
  /// Names, perhaps with a foreign `:architecture`; `*` stands for any part of one.
  package var packages: [Located<String>]
  package var origin: Origin
  package var priority: Int

  /// The versions that are meant.
  package enum Origin: Sendable, Equatable {
    /// Of a suite, by its name or its code name.
    case suite(String)
    /// By their number; `*` stands for any part of one.
    case version(String)
    /// From a server, by its host name.
    case host(String)
  }

  private static let packagePattern = Schema<String>.text(
    "[a-z0-9*][a-z0-9+.*-]*(:[a-z0-9-]+)?", "package", "write a name, with * for any part of it")

  private static let suite = Schema<String>.text(
    "[A-Za-z][A-Za-z0-9./_-]*", "suite", "write a name such as trixie-backports")

  private static let version = Schema<String>.text(
    "[0-9*][A-Za-z0-9.+:~*-]*", "version", "write it as Debian does, with * for any part of it")

  private static let host = Schema<String>.text(
    "[A-Za-z0-9][A-Za-z0-9.-]*", "host", "write only the host name: HOST")

  private struct Written: Sendable {
    var packages: [Located<String>]
    var suite: String?
    var version: String?
    var host: String?
    var priority: Int
  }

  package static let schema = Schema<Written>.object(
    Field(
      "packages", { $0.packages }, .list(of: packagePattern.located).refusingEmpty("package"),
      "The names of the packages; * matches any part of a name."),
    Field(optional: "suite", { $0.suite }, suite, "The suite whose versions are meant."),
    Field(
      optional: "version", { $0.version }, version,
      "The version that is meant; * matches any part of it."),
    Field(
      optional: "host", { $0.host }, host, "The host name of the server whose versions are meant."),
    Field(
      "priority", { $0.priority }, .integer(-32768...32767),
      "As in apt_preferences(5): 500 is usual, 990 or more wins, less than 0 forbids."),
    make: { Written(packages: $0, suite: $1, version: $2, host: $3, priority: $4) }
  ).mapped(
    { (written, node, problems) -> Pin? in
      let origins = [
        written.suite.map(Origin.suite), written.version.map(Origin.version),
        written.host.map(Origin.host),
      ].compactMap { $0 }
      guard origins.count == 1 else {
        problems.report(
          "a pin needs one of 'suite', 'version' and 'host'", at: node.mark,
          remedy: "write {packages: [name], suite: trixie-backports, priority: 500}")
        return nil
      }
      guard written.priority != 0 else {
        problems.report(
          "apt has no priority 0", at: node.mark, remedy: "use -1 to forbid, 100 for a fallback")
        return nil
      }
      return Pin(
        packages: written.packages, origin: origins[0], priority: written.priority)
    },
    { pin in
      var written = Written(packages: pin.packages, priority: pin.priority)
      switch pin.origin {
      case .suite(let name): written.suite = name
      case .version(let number): written.version = number
      case .host(let name): written.host = name
      }
      return written
    })

  /// The paragraph of apt_preferences(5).
  var preferences: String {
    let pin =
      switch origin {
      // A word alone is a suite's name or its code name.
      case .suite(let name): "release \(name)"
      case .version(let number): "version \(number)"
      case .host(let name): "origin \(name)"
      }
    return
      "Package: \(packages.map(\.value).joined(separator: " "))\nPin: \(pin)\nPin-Priority: \(priority)\n"
  }
}
