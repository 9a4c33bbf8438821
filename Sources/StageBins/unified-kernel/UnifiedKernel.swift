package import Model

/// Makes a unified kernel image of every kernel in a tree's `/boot`: kernel, initramfs and command
/// line in one file that UEFI starts.
///
/// Input `root`, where the root is checked by dm-verity: the tree that has its hash.
package struct UnifiedKernel: StageContract {
  /// Where the EFI system partition is in the tree; the files go to `EFI/Linux` below it.
  package var esp: String
  package var commandLine: String

  package static let name = "unified-kernel"
  package static let version = 2
  package static let summary = "Make a unified kernel image of every kernel in the tree."
  package static let stance = Stance.onTree
  package static let buildPackages = ["systemd-boot-efi", "systemd-ukify"]
  package static let schema = Schema<Self>.object(
    Field("esp", { $0.esp }, .string, "Where the EFI system partition is in the tree."),
    Field("command-line", { $0.commandLine }, .string, "The kernel's command line."),
    make: { UnifiedKernel(esp: $0, commandLine: $1) })

  package init(esp: String, commandLine: String) {
    self.esp = esp
    self.commandLine = commandLine
  }
}
