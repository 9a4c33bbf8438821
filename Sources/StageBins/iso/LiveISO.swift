package import Model

/// Writes a live system as an ISO 9660 image that starts from a DVD and from a USB stick, by BIOS
/// and by UEFI: the kernel, its initramfs (with live-boot in it) and a squashfs that the system runs
/// from.
///
/// Input `tree`: the system; input `squashfs`: the tree that has it as a squashfs.
package struct LiveISO: StageContract {
  /// The squashfs's path in the input `squashfs`.
  package var source: String
  /// The image's path in this stage's own tree.
  package var file: String
  /// The volume's name: at most 32 upper-case letters, digits and `_`.
  package var label: String
  /// The GPT's disk GUID.
  package var id: String
  /// Of the file system that UEFI starts from, as `1234-ABCD`.
  package var serialNumber: String
  package var firmware: [Firmware]
  /// The kernel's, beside `boot=live`.
  package var commandLine: String
  /// Whether the menu also shows on the first serial port (115200 8n1).
  package var serial: Bool

  package enum Firmware: String, Sendable, CaseIterable { case bios, uefi }

  package static let name = "iso"
  package static let version = 2
  package static let summary = "Write a live system as a bootable ISO image."
  package static let stance = Stance.onTree
  package static let buildPackages = [
    "dosfstools", "grub-common", "grub-efi-amd64-signed [amd64]", "grub-efi-arm64-signed [arm64]",
    "grub-pc-bin [amd64]", "mtools", "shim-signed", "xorriso",
  ]
  package static let schema = Schema<Self>.object(
    Field("source", { $0.source }, .string, "The squashfs's path in the input 'squashfs'."),
    Field("file", { $0.file }, .string, "The image's path."),
    Field("label", { $0.label }, .string, "The volume's name."),
    Field("id", { $0.id }, .string, "The disk's GUID."),
    Field("serial-number", { $0.serialNumber }, .string, "The EFI file system's serial number."),
    Field("firmware", { $0.firmware }, .list(of: .choice), "The firmware that starts it."),
    Field("command-line", { $0.commandLine }, .string, default: "", "The kernel's command line."),
    Field("serial", { $0.serial }, .bool, default: true, "Whether to show the menu on ttyS0, too."),
    make: {
      LiveISO(
        source: $0, file: $1, label: $2, id: $3, serialNumber: $4, firmware: $5, commandLine: $6,
        serial: $7)
    })

  package init(
    source: String, file: String, label: String, id: String, serialNumber: String,
    firmware: [Firmware], commandLine: String, serial: Bool
  ) {
    self.source = source
    self.file = file
    self.label = label
    self.id = id
    self.serialNumber = serialNumber
    self.firmware = firmware
    self.commandLine = commandLine
    self.serial = serial
  }
}
