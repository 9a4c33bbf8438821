package import Model

/// Puts GRUB's files into the tree of a system: `/boot/grub/grub.cfg` with an entry per kernel; for
/// BIOS `/boot/grub/i386-pc` with the boot and core images that the `disk` stage writes to their
/// blocks; for UEFI the signed shim and GRUB at the removable path below `/boot/efi`.
package struct Grub: StageContract {
  /// The file system that has `/boot`.
  package var rootUUID: String
  package var firmware: [Firmware]
  package var commandLine: String
  /// In seconds; 0 boots at once.
  package var timeout: Int
  /// Whether the menu also shows on the first serial port (115200 8n1).
  package var serial: Bool

  package enum Firmware: String, Sendable, CaseIterable { case bios, uefi }

  package static let name = "grub"
  package static let version = 1
  package static let summary = "Put GRUB, its menu and its boot images into the tree."
  package static let stance = Stance.onTree
  package static let buildPackages = [
    "grub-common", "grub-efi-amd64-signed [amd64]", "grub-efi-arm64-signed [arm64]",
    "grub-pc-bin [amd64]", "shim-signed",
  ]
  package static let schema = Schema<Self>.object(
    Field("root-uuid", { $0.rootUUID }, .string, "The UUID of the file system that has /boot."),
    Field("firmware", { $0.firmware }, .list(of: .choice), "The firmware to boot by."),
    Field("command-line", { $0.commandLine }, .string, default: "", "The kernel's command line."),
    Field("timeout", { $0.timeout }, .integer(0...3600), default: 0, "Seconds the menu waits."),
    Field("serial", { $0.serial }, .bool, default: true, "Whether the menu shows on ttyS0 too."),
    make: {
      Grub(rootUUID: $0, firmware: $1, commandLine: $2, timeout: $3, serial: $4)
    })

  package init(
    rootUUID: String, firmware: [Firmware], commandLine: String, timeout: Int, serial: Bool
  ) {
    self.rootUUID = rootUUID
    self.firmware = firmware
    self.commandLine = commandLine
    self.timeout = timeout
    self.serial = serial
  }
}
