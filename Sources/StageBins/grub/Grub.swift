package import Model

/// Puts GRUB's files into the tree of a system: `/boot/grub/grub.cfg` with an entry per kernel; for
/// BIOS `/boot/grub/i386-pc` with the boot and core images that the `disk` stage writes to their
/// blocks; for UEFI the signed shim and GRUB at the removable path below `/boot/efi`.
package struct Grub: StageContract {
  /// The file system that has `/boot`.
  package var bootUUID: String
  /// Whether that is not the root's, but one of its own.
  package var separateBoot: Bool
  /// Where the EFI system partition is in the tree.
  package var esp: String
  package var firmware: [Firmware]
  /// With `root=`.
  package var commandLine: String
  /// In seconds; 0 boots at once.
  package var timeout: Int
  /// Whether the menu also shows on the first serial port (115200 8n1).
  package var serial: Bool
  /// The path below `/boot` of a file with the menu's entries; nil for the kernels of the tree.
  package var entries: String?

  package enum Firmware: String, Sendable, CaseIterable { case bios, uefi }

  package static let name = "grub"
  package static let version = 3
  package static let summary = "Put GRUB, its menu and its boot images into the tree."
  package static let stance = Stance.onTree
  package static let buildPackages = [
    "grub-common", "grub-efi-amd64-signed [amd64]", "grub-efi-arm64-signed [arm64]",
    "grub-pc-bin [amd64]", "shim-signed",
  ]
  package static let schema = Schema<Self>.object(
    Field("boot-uuid", { $0.bootUUID }, .string, "The UUID of the file system that has /boot."),
    Field(
      "separate-boot", { $0.separateBoot }, .bool, default: false,
      "Whether that is not the root file system."),
    Field("firmware", { $0.firmware }, .list(of: .choice), "The firmware that starts it."),
    Field(
      "esp", { $0.esp }, .string, default: "/boot/efi",
      "Where the EFI system partition is in the tree."),
    Field("command-line", { $0.commandLine }, .string, default: "", "The kernel's command line."),
    Field(
      "timeout", { $0.timeout }, .integer(0...3600), default: 0, "How many seconds the menu waits."),
    Field("serial", { $0.serial }, .bool, default: true, "Whether to show the menu on ttyS0, too."),
    Field(
      optional: "entries", { $0.entries }, .string,
      "A file below /boot with the menu's entries. Default: the tree's kernels."),
    make: {
      Grub(
        bootUUID: $0, separateBoot: $1, firmware: $2, esp: $3, commandLine: $4, timeout: $5,
        serial: $6, entries: $7)
    })

  package init(
    bootUUID: String, separateBoot: Bool, firmware: [Firmware], esp: String, commandLine: String,
    timeout: Int, serial: Bool, entries: String? = nil
  ) {
    self.bootUUID = bootUUID
    self.separateBoot = separateBoot
    self.firmware = firmware
    self.esp = esp
    self.commandLine = commandLine
    self.timeout = timeout
    self.serial = serial
    self.entries = entries
  }

  /// The folder `/boot` as GRUB finds it.
  package var bootFolder: String { separateBoot ? "" : "/boot" }
}
