package import Model

/// Puts systemd-boot on a tree's EFI system partition, with an entry, a kernel and an initramfs for
/// every kernel in `/boot`.
///
/// Input `root`, where the root is checked by dm-verity: the tree that has its hash.
package struct SystemdBoot: StageContract {
  /// Where the EFI system partition is in the tree.
  package var esp: String
  package var commandLine: String
  /// In seconds; 0 boots at once.
  package var timeout: Int
  /// Whether to write entries; without, it finds unified kernel images by itself.
  package var entries: Bool

  /// What kernel-install(8) calls the entries of this system, and their folder.
  package static let entryToken = "debian"

  package static let name = "systemd-boot"
  package static let version = 2
  package static let summary = "Put systemd-boot and its entries on the EFI system partition."
  package static let stance = Stance.onTree
  package static let buildPackages = [
    "shim-signed", "systemd-boot-efi-amd64-signed [amd64]", "systemd-boot-efi-arm64-signed [arm64]",
  ]
  package static let schema = Schema<Self>.object(
    Field("esp", { $0.esp }, .string, "Where the EFI system partition is in the tree."),
    Field("command-line", { $0.commandLine }, .string, "The kernel's command line."),
    Field(
      "timeout", { $0.timeout }, .integer(0...3600), default: 0, "How many seconds the menu waits."),
    Field("entries", { $0.entries }, .bool, default: true, "Whether to write entries."),
    make: { SystemdBoot(esp: $0, commandLine: $1, timeout: $2, entries: $3) })

  package init(esp: String, commandLine: String, timeout: Int, entries: Bool) {
    self.esp = esp
    self.commandLine = commandLine
    self.timeout = timeout
    self.entries = entries
  }
}
