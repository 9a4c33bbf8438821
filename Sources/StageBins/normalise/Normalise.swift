package import Model

/// Removes or rewrites what differs between two installations of the same packages: caches, logs,
/// backups, machine identities.
package struct Normalise: StageContract {
  package static let name = "normalise"
  package static let version = 1
  package static let summary = "Remove what differs between two installations of the same packages."
  package static let stance = Stance.inTree
  package static let schema = Schema<Self>.object(make: { Normalise() })

  package init() {}
}
