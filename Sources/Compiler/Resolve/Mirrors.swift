internal import Glibc
internal import Model
internal import Processes

/// Where Debian's archives are.
struct Mirrors: Sendable, Equatable {
  var main: String
  /// Nil where nothing says it.
  var security: String?

  /// The archive at an address that a person gave, and the security archive by Debian's custom
  /// beside it: `…/debian` and `…/debian-security`.
  init(main address: String) {
    main = address.trimmed
    security = main.hasSuffix("/debian") ? main + "-security" : nil
  }

  /// The mirror to use: the one given, the recipe's, `PARTICLE_MIRROR`, or the one that this
  /// host's own apt uses.
  static func find(given: String?, recipe: String?) throws(Failure) -> Mirrors {
    if let address = given ?? recipe { return Mirrors(main: address) }
    if let address = getenv("PARTICLE_MIRROR").map({ String(cString: $0) }), !address.isEmpty {
      guard Schema<String>.isMirror(address) else {
        throw Failure(
          "use", "the mirror '\(address)' of PARTICLE_MIRROR", cause: "it is no address",
          remedy: "write the address of the folder that has 'dists': https://HOST/debian")
      }
      return Mirrors(main: address)
    }
    if let mirrors = try ofHost() { return mirrors }
    throw Failure(
      "find", "a Debian mirror", cause: "this host's apt uses none",
      remedy: "give one: --mirror https://HOST/debian, PARTICLE_MIRROR, or 'mirror' in the"
        + " recipe's base")
  }

  /// What this host's apt uses: by the labels of the releases it has fetched, else, where it has
  /// fetched none, by the addresses it would fetch from.
  private static func ofHost() throws(Failure) -> Mirrors? {
    let known = try apt([
      "apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)",
    ]).split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    func address(_ label: String) -> String? {
      known.first { $0.count == 3 && $0[1] == "Debian" && $0[2] == label }?[0].trimmed
    }
    if let main = address("Debian") {
      var mirrors = Mirrors(main: main)
      mirrors.security = address("Debian-Security") ?? mirrors.security
      return mirrors
    }
    let addresses = try apt(["apt-get", "update", "--print-uris"]).split(separator: "\n")
      .compactMap { line -> String? in
        guard line.hasPrefix("'"), let end = line.firstRange(of: "/dists/") else { return nil }
        return String(line[..<end.lowerBound].dropFirst()).trimmed
      }
    guard let main = addresses.first(where: { $0.hasSuffix("/debian") }) else { return nil }
    var mirrors = Mirrors(main: main)
    mirrors.security = addresses.first { $0.hasSuffix("/debian-security") } ?? mirrors.security
    return mirrors
  }

  private static func apt(_ arguments: [String]) throws(Failure) -> String {
    let outcome = try Apt.ofHost(arguments)
    return outcome.ending.isSuccess ? outcome.text : ""
  }
}

extension String {
  /// Without slashes at the end.
  fileprivate var trimmed: String {
    var text = self
    while text.hasSuffix("/") { text.removeLast() }
    return text
  }
}
