package import Model

/// A Debian release and the archive it comes from.
package struct DebianBase: Sendable, Equatable {
  package var suite: Suite
  /// Nil for the mirror the environment or this host's apt names.
  package var mirror: String?
  package var components: [String]
  /// The suites packages are taken from; those that end in `-security` from the security archive.
  package var suites: [String]
  /// The file of OpenPGP keys that the archive must be signed with.
  package var keyring: String
  /// The moment whose archive is meant; nil for the archive of the day.
  package var snapshot: Timestamp?
  /// Where archives of the past are; nil for what the environment names.
  package var snapshotMirror: String?

  /// A release that this program knows.
  package enum Suite: String, Sendable, CaseIterable {
    case trixie
    case bookworm
    case forky
    case sid

    /// What a system of this release takes packages from: sid is all in one.
    package var usualSuites: [String] {
      switch self {
      case .sid: [rawValue]
      case .trixie, .bookworm, .forky: [rawValue, "\(rawValue)-updates", "\(rawValue)-security"]
      }
    }
  }

  package static let debianKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

  package init(
    suite: Suite, mirror: String? = nil, components: [String] = ["main"], suites: [String]? = nil,
    keyring: String = debianKeyring, snapshot: Timestamp? = nil, snapshotMirror: String? = nil
  ) {
    self.suite = suite
    self.mirror = mirror
    self.components = components
    self.suites = suites ?? suite.usualSuites
    self.keyring = keyring
    self.snapshot = snapshot
    self.snapshotMirror = snapshotMirror
  }

  package static let schema = Written.schema.mapped(
    { $0.checked(at: $1, &$2) },
    { base in
      Written(
        debian: base.suite, mirror: base.mirror, components: base.components.map { Located($0) },
        suites: base.suites.map { Located($0) }, snapshot: base.snapshot.map { Located($0) },
        snapshotMirror: base.snapshotMirror.map { Located($0) }, keyring: base.keyring)
    })
}

extension Schema where Value == String {
  private static var mirrorPattern: String {
    "(https?://[A-Za-z0-9]|file:/)[^ '\"\\x00-\\x20\\x7f]*"
  }

  /// The address of a Debian archive: the folder that has `dists` and `pool`.
  package static var mirror: Self {
    .text(
      mirrorPattern, "mirror",
      "write the address of the folder that has 'dists': https://HOST/debian")
  }

  /// Whether a text is such an address.
  package static func isMirror(_ text: String) -> Bool { text.fits(mirrorPattern) }
}

/// The base as it is written, with the keys of all kinds of base.
private struct Written: Sendable {
  var debian: DebianBase.Suite?
  var container: Located<Node>?
  var ostree: Located<Node>?
  var mirror: String?
  var components: [Located<String>] = []
  var suites: [Located<String>]?
  var snapshot: Located<Timestamp>?
  var snapshotMirror: Located<String>?
  var keyring: String?

  private static let componentList = Schema<[Located<String>]>.list(
    of: Schema<String>.text(
      "[a-z][a-z-]*", "component", "write main, contrib or non-free-firmware"
    ).located
  ).refusingEmpty("component")

  private static let suiteList = Schema<[Located<String>]>.list(
    of: Schema<String>.text(
      "[a-z][a-z0-9./-]*", "suite", "write names such as trixie-updates"
    ).located
  ).refusingEmpty("suite")

  private static let keyringPath = Schema<String>.text(
    "/[^'\"\\x00-\\x1f\\x7f]+", "keyring", "write the absolute path of a .gpg or .asc file")

  static let schema = Schema<Written>.object(
    Field(optional: "debian", { $0.debian }, .choice, "A Debian release."),
    Field(optional: "container", { $0.container }, Schema<Node>.any.located, "Not supported yet."),
    Field(optional: "ostree", { $0.ostree }, Schema<Node>.any.located, "Not supported yet."),
    Field(optional: "mirror", { $0.mirror }, .mirror, "The archive's address."),
    Field(
      "components", { $0.components }, componentList, default: [Located("main")],
      "The parts of the archive to take packages from."),
    Field(
      optional: "suites", { $0.suites }, suiteList,
      "The suites to take packages from, the release itself among them."),
    Field(
      optional: "snapshot", { $0.snapshot }, Timestamp.schema.located,
      "The moment whose archive to take packages from."),
    Field(
      optional: "snapshot-mirror", { $0.snapshotMirror }, Schema<String>.mirror.located,
      "Where the archives of the past are: the folder that has one folder for each moment."),
    Field(
      optional: "keyring", { $0.keyring }, keyringPath,
      "The keys that the archive must be signed with."),
    make: {
      Written(
        debian: $0, container: $1, ostree: $2, mirror: $3, components: $4, suites: $5,
        snapshot: $6, snapshotMirror: $7, keyring: $8)
    })

  func checked(at node: Node, _ problems: inout Problems) -> DebianBase? {
    for (name, value) in [("container", container), ("ostree", ostree)] {
      guard let value else { continue }
      problems.report(
        "the base '\(name)' is not supported yet", at: value.mark,
        remedy: "use 'debian: trixie'")
    }
    guard container == nil, ostree == nil else { return nil }
    guard let debian else {
      problems.report("the base is missing", at: node.mark, remedy: "add 'debian: trixie'")
      return nil
    }
    if let suites, !suites.contains(where: { $0.value == debian.rawValue }) {
      problems.report(
        "the suites lack '\(debian.rawValue)' itself", at: suites.first?.mark,
        remedy: "add \(debian.rawValue) to the list")
      return nil
    }
    return DebianBase(
      suite: debian, mirror: mirror, components: components.map(\.value),
      suites: suites?.map(\.value), keyring: keyring ?? DebianBase.debianKeyring,
      snapshot: snapshot?.value, snapshotMirror: snapshotMirror?.value)
  }
}
