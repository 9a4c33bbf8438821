package import Model

/// Builds the initramfs of every kernel in the tree, once, after all that goes into it is set.
package struct Initramfs: StageContract {
  package static let name = "initramfs"
  package static let version = 1
  package static let summary = "Build the initramfs of every kernel in the tree."
  package static let stance = Stance.inTree
  package static let unseen = machineNames
  package static let schema = Schema<Self>.object(make: { Initramfs() })

  package init() {}
}
