package import Model

/// Puts what SYSLINUX reads into the folder `/boot/syslinux`, which is a FAT file system of its own:
/// its configuration, and a kernel and an initramfs for every kernel in `/boot`.
///
/// SYSLINUX itself is put there by the stage `disk`, as its place on the disk matters.
package struct Syslinux: StageContract {
  package var commandLine: String
  /// In seconds; 0 boots at once.
  package var timeout: Int
  /// Whether it also speaks on the first serial port (115200 8n1).
  package var serial: Bool

  /// Where its file system is in the tree.
  package static let folder = "/boot/syslinux"

  package static let name = "syslinux"
  package static let version = 1
  package static let summary = "Put SYSLINUX's configuration and kernels into the tree."
  package static let stance = Stance.onTree
  package static let buildPackages = ["syslinux [amd64]", "syslinux-common [amd64]"]
  package static let schema = Schema<Self>.object(
    Field("command-line", { $0.commandLine }, .string, "The kernel's command line."),
    Field("timeout", { $0.timeout }, .integer(0...3600), default: 0, "Seconds the prompt waits."),
    Field("serial", { $0.serial }, .bool, default: true, "Whether it speaks on ttyS0 too."),
    make: { Syslinux(commandLine: $0, timeout: $1, serial: $2) })

  package init(commandLine: String, timeout: Int, serial: Bool) {
    self.commandLine = commandLine
    self.timeout = timeout
    self.serial = serial
  }
}
