internal import Files
internal import Glibc
internal import Model
internal import Processes

/// Where Debian's archives are.
package struct Mirrors: Sendable, Equatable {
  package var main: String
  /// Nil where nothing says it.
  package var security: String?

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
      if let flaw = Schema<String>.mirrorFlaw(of: address) {
        throw Failure("use", "PARTICLE_MIRROR", cause: flaw.problem, remedy: flaw.remedy)
      }
      return Mirrors(main: address)
    }
    if let mirrors = try ofHost() {
      for address in [mirrors.main, mirrors.security].compactMap(\.self) {
        if let flaw = Schema<String>.mirrorFlaw(of: address) {
          throw Failure(
            "use", "the mirror of this host's apt", cause: flaw.problem, remedy: flaw.remedy)
        }
      }
      return mirrors
    }
    throw Failure(
      "find", "a Debian mirror", cause: "apt on this host is not configured with one",
      remedy:
        "set one with --mirror https://HOST/debian, PARTICLE_MIRROR, or 'mirror' in the recipe's"
        + " base"
    )
  }

  private static func ofHost() throws(Failure) -> Mirrors? {
    let lists = try apt(["apt-config", "shell", "LISTS", "Dir::State::lists/d"])
    return Mirrors(
      fetched: try apt(["apt-get", "update", "--print-uris"]),
      into: lists.split(separator: "'").dropFirst().first.map(String.init))
  }

  /// The mirrors that an apt uses: by the labels of the releases it has fetched, else, where it has
  /// fetched none, by the addresses it would fetch from.
  ///
  /// `apt-get indextargets` says the labels too, but reads all package lists for that (half a second).
  ///
  /// - Parameters:
  ///   - files: What `apt-get update --print-uris` prints: `'ADDRESS' NAME SIZE` for each file.
  ///   - lists: The folder that has the files that were fetched.
  package init?(fetched files: String, into lists: String?) {
    let releases = files.split(separator: "\n").compactMap {
      line -> (address: String, label: String?)? in
      let parts = line.split(separator: "'")
      guard parts.count == 2, parts[0].hasSuffix("Release"),
        let end = parts[0].firstRange(of: "/dists/"),
        let name = parts[1].split(separator: " ").first
      else { return nil }
      let address = String(parts[0][..<end.lowerBound]).trimmed
      return (address, lists.flatMap { Self.label(ofRelease: "\($0)/\(name)") })
    }
    func address(_ label: String) -> String? { releases.first { $0.label == label }?.address }
    func unknown(_ ending: String) -> String? {
      releases.first { $0.label == nil && $0.address.hasSuffix(ending) }?.address
    }
    guard let main = address("Debian") ?? unknown("/debian") else { return nil }
    self.init(main: main)
    security = address("Debian-Security") ?? unknown("/debian-security") ?? security
  }

  /// The label of one of Debian's releases, which its signed release file has; "" of one of others'
  /// and nil where it was not fetched.
  private static func label(ofRelease path: String) -> String? {
    // Without a file signed inline there is one with a signature beside it.
    let paths = [path, path.dropLast("InRelease".count) + "Release"]
    guard let path = paths.first(where: Files.exists),
      let file = try? FileDescriptor.open(path, O_RDONLY), let bytes = try? file.read(4096, at: 0)
    else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    func value(_ key: String) -> Substring? {
      lines.first { $0.hasPrefix("\(key): ") }?.dropFirst(key.count + 2)
    }
    return value("Origin") == "Debian" ? String(value("Label") ?? "") : ""
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
