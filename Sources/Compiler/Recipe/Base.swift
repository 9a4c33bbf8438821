package import Model

/// The system that a recipe starts from.
package enum Base: Sendable, Equatable {
  case debian(DebianBase)
  case container(ContainerBase)

  /// The Debian release that the recipe names; nil for a container of which it says none.
  package var release: DebianBase.Suite? {
    switch self {
    case .debian(let base): base.suite
    case .container(let base): base.release
    }
  }

  /// The packages that the system starts with, as the recipe says.
  package var variant: DebianBase.Variant? {
    guard case .debian(let base) = self else { return nil }
    return base.variant
  }

  /// Those whose packages there can be beside the system's own, sorted.
  package var foreignArchitectures: [Located<ForeignArchitecture>] {
    switch self {
    case .debian(let base): base.foreignArchitectures
    case .container(let base): base.archive.foreignArchitectures
    }
  }

  package static let schema = Written.schema.mapped({ $0.checked(at: $1, &$2) }, { Written($0) })
}

/// A container image, and the Debian archive for packages on top of it.
package struct ContainerBase: Sendable, Equatable {
  package var image: ImageReference
  package var mark: Mark?
  /// The release that the image is said to be of; nil for what it says itself.
  package var release: DebianBase.Suite?
  fileprivate var archive: Written

  /// Places do not count.
  package static func == (a: Self, b: Self) -> Bool {
    a.image == b.image && a.release == b.release && a.debian(.trixie) == b.debian(.trixie)
  }

  /// The archive of a release, as the recipe wants it.
  package func debian(_ suite: DebianBase.Suite) -> DebianBase { archive.debian(suite) }
}

/// The base as it is written, with the keys of all kinds of base.
private struct Written: Sendable {
  var debian: DebianBase.Suite?
  var container: Located<ImageReference>?
  var ostree: Located<Node>?
  var mirror: String?
  var components: [Located<String>] = []
  var suites: [Located<String>]?
  var snapshot: Located<Timestamp>?
  var snapshotMirror: Located<String>?
  var keyring: Located<String>?
  var foreignArchitectures: [Located<ForeignArchitecture>] = []
  var variant: Located<DebianBase.Variant>?
  var aptSources = Located(true)

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

  private static let foreignList = Schema<[Located<ForeignArchitecture>]>.list(
    of: Schema<ForeignArchitecture>.choice.located
  ).refusingEmpty("architecture").mapped(
    { all, _, _ in all.sorted { $0.value.rawValue < $1.value.rawValue } }, { $0 })

  private static let keyringPath = Schema<String>.text(
    "/[^'\"\\x00-\\x1f\\x7f]+", "keyring", "write the absolute path of a .gpg or .asc file")

  static let schema = Schema<Written>.object(
    Field(
      optional: "debian", { $0.debian }, .choice,
      "The Debian release; with 'container', the release that the container image is based on."),
    Field(
      optional: "container", { $0.container }, ImageReference.schema.located,
      "A container image: docker://HOST/NAME:TAG, oci:DIR, oci-archive:FILE, docker-archive:FILE or"
        + " containers-storage:NAME."),
    Field(optional: "ostree", { $0.ostree }, Schema<Node>.any.located, "Not supported yet."),
    Field(optional: "mirror", { $0.mirror }, .mirror, "The URL of the archive."),
    Field(
      "components", { $0.components }, componentList, default: [Located("main")],
      "The components of the archive to take packages from."),
    Field(
      optional: "suites", { $0.suites }, suiteList,
      "The suites to take packages from, including the release itself."),
    Field(
      optional: "snapshot", { $0.snapshot }, Timestamp.schema.located,
      "Take packages from the archive as it was at this time."),
    Field(
      optional: "snapshot-mirror", { $0.snapshotMirror }, Schema<String>.mirror.located,
      "The URL of the snapshot archive: the directory that has a subdirectory for each point in time."
    ),
    Field(
      optional: "keyring", { $0.keyring }, keyringPath.located,
      "The absolute path of the keyring with the keys that may sign the archive."),
    Field(
      "foreign-architectures", { $0.foreignArchitectures }, foreignList, default: [],
      "Architectures whose packages can be installed in addition to the system's own, as NAME:ARCHITECTURE."
    ),
    Field(
      optional: "variant", { $0.variant }, Schema<DebianBase.Variant>.choice.located,
      "The packages to start with. Default: machine if an image is a disk or boots, otherwise essential."
    ),
    Field(
      "apt-sources", { $0.aptSources }, Schema<Bool>.bool.located, default: Located(true),
      "Whether the finished system takes packages from Debian, unless an 'apt-sources' module says otherwise."
    ),
    make: {
      Written(
        debian: $0, container: $1, ostree: $2, mirror: $3, components: $4, suites: $5,
        snapshot: $6, snapshotMirror: $7, keyring: $8, foreignArchitectures: $9, variant: $10,
        aptSources: $11)
    })

  func checked(at node: Node, _ problems: inout Problems) -> Base? {
    if let ostree {
      problems.report(
        "the base 'ostree' is not supported yet", at: ostree.mark,
        remedy: "use 'debian: trixie', or a container image")
      return nil
    }
    if let suites, let debian, !suites.contains(where: { $0.value == debian.rawValue }) {
      problems.report(
        "the suites do not include '\(debian.rawValue)' itself", at: suites.first?.mark,
        remedy: "add \(debian.rawValue) to the list")
      return nil
    }
    if let container {
      if let variant {
        problems.report(
          "'variant' cannot be combined with 'container': the image determines the initial"
            + " packages",
          at: variant.mark, remedy: "remove it, and list what else you need in a packages module")
        return nil
      }
      if !aptSources.value {
        problems.report(
          "'apt-sources' cannot be combined with 'container': the image has its own sources",
          at: aptSources.mark,
          remedy:
            "remove it; to delete the image's sources, use a script: rm -f"
            + " /etc/apt/sources.list.d/debian.sources"
        )
        return nil
      }
      guard suites == nil || debian != nil else {
        problems.report(
          "'suites' needs the release that the container is based on",
          at: suites?.first?.mark, remedy: "add 'debian: trixie' to the base, or remove 'suites'")
        return nil
      }
      return .container(
        ContainerBase(
          image: container.value, mark: container.mark, release: debian, archive: self))
    }
    guard let debian else {
      problems.report(
        "the base needs 'debian' or 'container'", at: node.mark,
        remedy: "add 'debian: trixie', or 'container:' and an image")
      return nil
    }
    return .debian(self.debian(debian))
  }

  func debian(_ suite: DebianBase.Suite) -> DebianBase {
    DebianBase(
      suite: suite, mirror: mirror, components: components.map(\.value),
      suites: suites?.map(\.value), keyring: keyring?.value ?? DebianBase.debianKeyring,
      namedKeyring: keyring,
      snapshot: snapshot?.value, snapshotMirror: snapshotMirror?.value,
      foreignArchitectures: foreignArchitectures, variant: variant?.value,
      hasSources: aptSources.value)
  }
}

extension Written {
  init(_ base: Base) {
    switch base {
    case .debian(let base):
      self.init(
        debian: base.suite, mirror: base.mirror, components: base.components.map { Located($0) },
        suites: base.suites.map { Located($0) }, snapshot: base.snapshot.map { Located($0) },
        snapshotMirror: base.snapshotMirror.map { Located($0) }, keyring: Located(base.keyring),
        foreignArchitectures: base.foreignArchitectures,
        variant: base.variant.map { Located($0) }, aptSources: Located(base.hasSources))
    case .container(let base):
      self = base.archive
      container = Located(base.image, at: base.mark)
      debian = base.release
    }
  }
}
