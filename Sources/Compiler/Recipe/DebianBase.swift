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
  /// The same as the recipe has it; nil where it names none.
  package var namedKeyring: Located<String>?
  /// The moment whose archive is meant; nil for the archive of the day.
  package var snapshot: Timestamp?
  /// Where archives of the past are; nil for what the environment names.
  package var snapshotMirror: String?
  /// Those whose packages there can be beside the system's own, sorted.
  package var foreignArchitectures: [Located<ForeignArchitecture>]
  /// The packages that the system starts with; nil for what its images want.
  package var variant: Variant?
  /// Whether the finished system has Debian as a source of packages.
  package var hasSources: Bool

  /// A set of packages that a system starts with, beside those that the recipe names.
  ///
  /// Priorities are those of Debian's policy, section 2.5; the names but the last are those of mmdebstrap(1).
  package enum Variant: String, Sendable, CaseIterable {
    /// Those that say `Essential: yes`, and apt.
    case essential
    /// Those of the priority required, too.
    case required
    /// Those of the priority important, too: what debootstrap(8) installs.
    case important
    /// Those of the priority standard, too.
    case standard
    /// As `required`, with what a machine that people log in to cannot do without.
    case machine
  }

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
    keyring: String = debianKeyring, namedKeyring: Located<String>? = nil,
    snapshot: Timestamp? = nil, snapshotMirror: String? = nil,
    foreignArchitectures: [Located<ForeignArchitecture>] = [], variant: Variant? = nil,
    hasSources: Bool = true
  ) {
    self.suite = suite
    self.mirror = mirror
    self.components = components
    self.suites = suites ?? suite.usualSuites
    self.keyring = keyring
    self.namedKeyring = namedKeyring
    self.snapshot = snapshot
    self.snapshotMirror = snapshotMirror
    self.foreignArchitectures = foreignArchitectures
    self.variant = variant
    self.hasSources = hasSources
  }
}

extension Schema where Value == String {
  private static var mirrorPattern: String {
    "(https?://[A-Za-z0-9]|file:/)[^ '\"\\x00-\\x20\\x7f]*"
  }

  private static var mirrorRemedy: String {
    "write the address of the folder that has 'dists': https://HOST/debian"
  }

  /// The address of a Debian archive: the folder that has `dists` and `pool`.
  package static var mirror: Self {
    Schema.string.refusing { mirrorFlaw(of: $0) }
      .describing([("pattern", .string("^(\(mirrorPattern))$"))])
  }

  /// What is wrong with the address of a Debian archive; nil where nothing is.
  ///
  /// It gets into the manifest, so it has no login.
  package static func mirrorFlaw(of text: String) -> (problem: String, remedy: String)? {
    if withoutLogins(text) != text {
      return (
        "the mirror '\(text.shortened)' contains a user name or password, which would end up in"
          + " the manifest",
        "remove it, and put the login into /etc/apt/auth.conf.d/NAME.conf, mode 0600: machine"
          + " \(text.begins(with: "http://") ? "http://" : "")HOST login USER password PASSWORD"
      )
    }
    if text.fits(mirrorPattern), (try? Address(text)) != nil { return nil }
    return ("'\(text.shortened)' is not the URL of a Debian archive", mirrorRemedy)
  }
}
