package import Model

/// Builds the initramfs of every kernel in the tree, once, after all that goes into it is set.
///
/// It is /boot/initrd.img-RELEASE whichever program makes it.
package struct Initramfs: StageContract, Equatable {
  package var generator: Generator
  /// Kernel modules that the recipe loads by name: one of the kernels has to have each.
  package var modules: [String]

  /// The Debian package whose program builds it.
  package enum Generator: String, Sendable, CaseIterable {
    case initramfsTools = "initramfs-tools"
    case dracut
  }

  package static let name = "initramfs"
  package static let version = 1
  package static let summary = "Build the initramfs of every kernel in the tree."
  package static let stance = Stance.inTree
  package static let unseen = machineNames
  package static let schema = Schema<Self>.object(
    Field(
      "generator", { $0.generator }, .choice, default: .initramfsTools,
      "The Debian package whose program builds it."),
    Field(
      optional: "modules", { $0.modules.isEmpty ? nil : $0.modules }, .list(of: .string),
      "Kernel modules that at least one kernel must have."),
    make: { Initramfs(generator: $0, modules: $1 ?? []) })

  package init(generator: Generator = .initramfsTools, modules: [String] = []) {
    self.generator = generator
    self.modules = modules
  }
}
