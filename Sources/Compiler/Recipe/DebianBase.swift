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
  /// Those whose packages there can be beside the system's own, sorted.
  package var foreignArchitectures: [Located<ForeignArchitecture>]

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
    keyring: String = debianKeyring, snapshot: Timestamp? = nil, snapshotMirror: String? = nil,
    foreignArchitectures: [Located<ForeignArchitecture>] = []
  ) {
    self.suite = suite
    self.mirror = mirror
    self.components = components
    self.suites = suites ?? suite.usualSuites
    self.keyring = keyring
    self.snapshot = snapshot
    self.snapshotMirror = snapshotMirror
    self.foreignArchitectures = foreignArchitectures
  }
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
