package import Model

/// Where the finished system takes its packages from; never where the build took them from.
package struct AptSourcesModule: Module {
  var sources: [Located<Source>]

  /// One repository, as sources.list(5) describes one.
  struct Source: Sendable, Equatable {
    var name: String
    var repository: Repository
    /// Where the system has the key; nil where the module brings it.
    var keyring: String?
    var types: [Kind]
  }

  enum Kind: String, Sendable, CaseIterable {
    case deb
    case source = "deb-src"
  }

  package static let type = "apt-sources"
  package static let summary = "Configure where the finished system gets its packages."
  package static let isSingle = true
  package static let example = """
    - type: apt-sources
      sources:
        - name: debian
          url: https://HOST/debian
          suites: [trixie, trixie-updates]
          components: [main, non-free-firmware]
        - name: example
          url: https://HOST/example
          suites: [stable]
          key: files/archive.asc
    """
  package static let notes = """
    Each source becomes a file `/etc/apt/sources.list.d/NAME.sources`. A `key` is installed in `/etc/apt/keyrings`;
    without `key` and `keyring`, Debian's own keyring is used, `/usr/share/keyrings/debian-archive-keyring.gpg`. The
    mirror that the build used is never added to the sources.

    A system that is not based on a container image also uses Debian itself, with the suites and components of the base,
    in `/etc/apt/sources.list.d/debian.sources`, unless one of these sources is signed with Debian's keyring. Set
    `apt-sources: false` in the base to leave that file out.
    """

  package static let schema = Schema<Self>.object(
    Field(
      "sources", { $0.sources },
      .list(of: Written.schema.located).refusing {
        $0.isEmpty ? ("the list is empty", "name at least one source") : nil
      }, "The sources."),
    make: { AptSourcesModule(sources: $0) })

  package static func check(
    _ modules: [Located<AptSourcesModule>], _ problems: inout Problems
  ) {
    let names = modules.flatMap(\.value.sources).map { Located($0.value.name, at: $0.mark) }
    problems.refuseRepeated(names, "source") { "'\($0)'" }
  }

  /// Whether one of them is Debian itself: it is signed with Debian's keyring, or is called so.
  var hasDebian: Bool {
    sources.contains { source in
      let source = source.value
      let isSigned =
        source.repository.key == nil
        && source.keyring ?? DebianBase.debianKeyring == DebianBase.debianKeyring
      return isSigned || source.name == "debian"
    }
  }

  package var contents: [Content] { sources.compactMap(\.value.repository.key) }

  package func check(_ contents: Contents, _ problems: inout Problems) {
    for source in sources { source.value.repository.check(contents, &problems) }
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    [Step(placing: sources.flatMap { $0.value.files(contents) })]
  }
}

extension AptSourcesModule.Source {
  fileprivate func files(_ contents: Contents) -> [PlacedFile] {
    let key = repository.key?.files(contents).first?.bytes
    let isArmoured = key?.first == UInt8(ascii: "-")
    let own = "/etc/apt/keyrings/\(name).\(isArmoured ? "asc" : "gpg")"
    let components = repository.components
    let text = """
      Types: \(types.map(\.rawValue).joined(separator: " "))
      URIs: \(repository.url)
      Suites: \(repository.suites.joined(separator: " "))
      \(components.isEmpty ? "" : "Components: \(components.joined(separator: " "))\n")\
      Signed-By: \(key == nil ? keyring ?? DebianBase.debianKeyring : own)

      """
    return [PlacedFile("/etc/apt/sources.list.d/\(name).sources", text)]
      + (key.map { [PlacedFile(own, $0)] } ?? [])
  }
}

/// A source as it is written.
private struct Written: Sendable {
  var name: String
  var url: String
  var suites: [Located<String>]
  var components: [Located<String>]?
  var key: Content?
  var keyring: Located<String>?
  var types: [Located<AptSourcesModule.Kind>]

  static let schema = Schema<Written>.object(
    Field(
      "name", { $0.name },
      .text("[a-z0-9][a-z0-9_.-]{0,62}", "name", "use lower-case letters, digits, '.', '_', '-'"),
      "The name of the source's file, without .sources."),
    Field("url", { $0.url }, .mirror, "The URL of the repository."),
    Field(
      "suites", { $0.suites }, .list(of: Repository.suiteSchema.located).refusingEmpty("suite"),
      "The suites to take packages from."),
    Field(
      optional: "components", { $0.components },
      .list(of: Repository.componentSchema.located).refusingEmpty("component"),
      "The components of the suites. Default: main."),
    Field(
      optional: "key", { $0.key }, Repository.keySchema,
      "The public key of the repository: a file, relative to the file that names it, or the armoured text."
    ),
    Field(
      optional: "keyring", { $0.keyring },
      Schema<String>.text(
        "/[^ '\"\\x00-\\x1f\\x7f]+", "keyring",
        "write the absolute path of a .gpg or .asc file in the system"
      ).located, "The absolute path of a keyring in the system that contains the key."),
    Field(
      "types", { $0.types },
      .list(of: Schema<AptSourcesModule.Kind>.choice.located).refusingEmpty("type"),
      default: [Located(.deb)], "The types of packages: binary (deb) or source (deb-src)."),
    make: {
      Written(
        name: $0, url: $1, suites: $2, components: $3, key: $4, keyring: $5, types: $6)
    }
  ).mapped({ $0.checked(&$2) }, { Written($0) })

  private init(
    name: String, url: String, suites: [Located<String>], components: [Located<String>]?,
    key: Content?, keyring: Located<String>?, types: [Located<AptSourcesModule.Kind>]
  ) {
    self.name = name
    self.url = url
    self.suites = suites
    self.components = components
    self.key = key
    self.keyring = keyring
    self.types = types
  }

  private init(_ source: AptSourcesModule.Source) {
    let repository = source.repository
    self.init(
      name: source.name, url: repository.url, suites: repository.suites.map { Located($0) },
      components: repository.components.map { Located($0) }, key: repository.key,
      keyring: source.keyring.map { Located($0) }, types: source.types.map { Located($0) })
  }

  private func checked(_ problems: inout Problems) -> AptSourcesModule.Source? {
    if key != nil, let keyring {
      problems.report(
        "the source has both 'key' and 'keyring'", at: keyring.mark, remedy: "keep one of them")
      return nil
    }
    guard let components = Repository.components(components, of: suites, &problems) else {
      return nil
    }
    return AptSourcesModule.Source(
      name: name,
      repository: Repository(
        url: url, suites: suites.map(\.value), components: components, key: key),
      keyring: keyring?.value, types: types.map(\.value))
  }
}
