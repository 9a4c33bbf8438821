package import Model

/// A repository of Debian packages beside the base's, as sources.list(5) describes one.
package struct Repository: Sendable, Equatable {
  package var url: String
  package var suites: [String]
  /// Empty for suites that are folders themselves: their names end in a slash.
  package var components: [String]
  /// Who signs it; nil for a repository that is trusted unsigned.
  package var key: Content?

  private static let armour = "-----BEGIN PGP PUBLIC KEY BLOCK-----"

  static let keySchema = Schema<Content>(
    describe: { Schema<String>.string.describe() },
    decode: { node, problems in
      guard let text = Schema<String>.string.decode(node, &problems) else { return nil }
      if text.begins(with: armour) { return .text(text) }
      return Schema<String>.localPath.located.decode(node, &problems).map(Content.path)
    },
    encode: { key in
      switch key {
      case .text(let text): .string(text)
      case .path(let path), .template(let path): .string(path.value)
      }
    })

  static let suiteSchema = Schema<String>.text(
    "[A-Za-z0-9./][A-Za-z0-9./_+~-]*", "suite", "write a name such as stable, or a directory: ./")

  static let componentSchema = Schema<String>.text(
    "[A-Za-z0-9][A-Za-z0-9./_+-]*", "component", "write a name such as main")

  package static let schema = Schema<Written>.object(
    Field("url", { $0.url }, .mirror, "The URL of the repository."),
    Field(
      "suites", { $0.suites }, .list(of: suiteSchema.located).refusingEmpty("suite"),
      "The suites to take packages from."),
    Field(
      optional: "components", { $0.components },
      .list(of: componentSchema.located).refusingEmpty("component"),
      "The components of the suites. Default: main."),
    Field(
      optional: "key", { $0.key }, keySchema,
      "The public key of the repository: a file, relative to the file that names it, or the armoured text."
    ),
    Field(
      optional: "allow-unsigned", { $0.unsigned }, Schema<Bool>.bool.located,
      "Whether to accept an unsigned repository, whose packages nobody vouches for."),
    make: { Written(url: $0, suites: $1, components: $2, key: $3, unsigned: $4) }
  ).mapped({ $0.checked(at: $1, &$2) }, { Written($0) })

  /// A repository as it is written.
  package struct Written: Sendable {
    var url: String
    var suites: [Located<String>]
    var components: [Located<String>]?
    var key: Content?
    var unsigned: Located<Bool>?
  }
}

extension Repository.Written {
  init(_ repository: Repository) {
    url = repository.url
    suites = repository.suites.map { Located($0) }
    components = repository.components.map { Located($0) }
    key = repository.key
    unsigned = repository.key == nil ? Located(true) : nil
  }

  fileprivate func checked(at node: Node, _ problems: inout Problems) -> Repository? {
    guard let components = Repository.components(components, of: suites, &problems) else {
      return nil
    }
    let isUnsigned = unsigned?.value ?? false
    guard (key != nil) != isUnsigned else {
      problems.report(
        key == nil
          ? "the repository has no key" : "the repository has both 'key' and 'allow-unsigned'",
        at: unsigned?.mark ?? node.mark,
        remedy: key == nil
          ? "add its public key, 'key: keys/name.asc', or 'allow-unsigned: true' to accept"
            + " packages that nobody vouches for"
          : "remove one of them")
      return nil
    }
    return Repository(
      url: url, suites: suites.map(\.value), components: components, key: key)
  }
}

extension Repository {
  /// The components of suites, `main` where none are written; none for folders.
  static func components(
    _ components: [Located<String>]?, of suites: [Located<String>], _ problems: inout Problems
  ) -> [String]? {
    let folders = suites.filter { $0.value.ends(with: "/") }
    if let components, let folder = folders.first {
      problems.report(
        "the suite '\(folder.value)' is a directory, which has no components",
        at: components.first?.mark,
        remedy: "remove 'components', or the slash at the end of the suite")
      return nil
    }
    guard folders.isEmpty || folders.count == suites.count else {
      problems.report(
        "a repository cannot have both suites and directories", at: folders.first?.mark,
        remedy: "add a separate entry for the directories")
      return nil
    }
    return folders.isEmpty ? components?.map(\.value) ?? ["main"] : []
  }

  /// Reports a key that is none.
  func check(_ contents: Contents, _ problems: inout Problems) {
    guard case .path(let path) = key, let found = contents.files[ByteString(path.value)] else {
      return
    }
    guard found.count != 1 || !found[0].bytes.isKeyring else { return }
    problems.report(
      "the key '\(path.value)' is not an OpenPGP public key", at: path.mark,
      remedy: "name a single file, binary or armoured, as written by 'gpg --export'")
  }
}

extension [UInt8] {
  /// Whether this begins as OpenPGP public keys do: armoured, or with a packet of tag 6 (RFC 9580,
  /// sections 4.2 and 5: its type octet is 0x98 to 0x9b, or 0xc6).
  var isKeyring: Bool {
    starts(with: "-----BEGIN PGP PUBLIC KEY BLOCK-----".utf8)
      || first.map { (0x98...0x9b).contains($0) || $0 == 0xc6 } ?? false
  }
}
