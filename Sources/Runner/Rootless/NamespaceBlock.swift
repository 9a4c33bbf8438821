package import Model

/// What on a machine keeps ordinary users from making user namespaces.
package enum NamespaceBlock: String, CaseIterable, Sendable {
  /// A switch of older Debian kernels.
  case clone = "kernel.unprivileged_userns_clone"
  /// The most there may be.
  case limit = "user.max_user_namespaces"
  /// AppArmor's rule for programs without a profile of their own, as in Ubuntu.
  case appArmor = "kernel.apparmor_restrict_unprivileged_userns"

  /// What is in force here; nil where none of these is.
  ///
  /// - Parameter setting: The value of a kernel setting by its name; nil where there is no such.
  package init?(_ setting: (String) -> String?) {
    let found = Self.allCases.first { setting($0.rawValue) == $0.blocking }
    guard let found else { return nil }
    self = found
  }

  private var blocking: String { self == .appArmor ? "1" : "0" }

  private var open: String {
    switch self {
    case .clone: "1"
    case .limit: "15000"
    case .appArmor: "0"
    }
  }

  /// The error that says how to lift a block.
  ///
  /// - Parameters:
  ///   - block: Nil when it is none of the known ones.
  ///   - cause: What the kernel said.
  /// - Returns: The error, with the remedy.
  package static func failure(_ block: NamespaceBlock?, cause: String) -> Failure {
    guard let block else {
      return Failure(
        "run", "stages without root", cause: "the kernel refused a user namespace: \(cause)",
        remedy: """
          in a container, its security profiles forbid it (docs/sandbox.md has the options of \
          docker run that lift them); otherwise run particle-run as root
          """)
    }
    return Failure(
      "run", "stages without root",
      cause: "\(block.rawValue) is \(block.blocking), which forbids user namespaces",
      remedy: """
        as root: echo '\(block.rawValue) = \(block.open)' >/etc/sysctl.d/50-particle.conf && \
        sysctl --system
        """)
  }
}
