package import Model
package import StageContracts

extension Image {
  /// How the image starts.
  package struct Boot: Sendable, Equatable {
    package var loader: Loader
    /// Whether kernel, initramfs and command line are one file (a unified kernel image).
    package var isUnified: Bool
    /// Nil for all that the loader and the architecture's machines have.
    package var firmware: [Located<Grub.Firmware>]?
    /// Where the system speaks; nil where `commandLine` says it, or for the usual ones.
    package var consoles: [Located<Console>]?
    /// Kernel arguments beside `root=` and `ro`.
    package var commandLine: Located<String>?
    /// Those that modules ask for.
    package var furtherArguments: [String] = []
    /// Whether the system has the packages that keep the boot loader and its menu current.
    package var updates = true
    /// How long the menu waits, in seconds.
    package var timeout: Int
    package var mark: Mark?

    package enum Loader: String, Sendable {
      case grub
      case systemdBoot = "systemd-boot"
      case syslinux

      /// What it can be started by.
      package var firmware: [Grub.Firmware] {
        switch self {
        case .grub: [.bios, .uefi]
        case .systemdBoot: [.uefi]
        case .syslinux: [.bios]
        }
      }
    }

    package enum Console: String, Sendable, CaseIterable { case graphical, serial }

    /// Places do not count.
    package static func == (a: Self, b: Self) -> Bool {
      a.loader == b.loader && a.isUnified == b.isUnified && a.firmware == b.firmware
        && a.consoles == b.consoles && a.commandLine == b.commandLine
        && a.furtherArguments == b.furtherArguments && a.timeout == b.timeout
        && a.updates == b.updates
    }
  }
}

extension Image.Boot {
  /// What starts the image on machines of one architecture.
  package func firmware(on architecture: Architecture) -> [Grub.Firmware] {
    firmware?.map(\.value) ?? architecture.firmware.filter(loader.firmware.contains)
  }

  /// Kernel arguments on machines of one architecture, beside `root=` and `ro`.
  ///
  /// The last console is where login output goes.
  package func arguments(on architecture: Architecture) -> String {
    let asked = consoles?.map(\.value) ?? (commandLine == nil ? [.graphical, .serial] : [])
    let consoles = asked.map { console in
      switch console {
      case .graphical: "console=tty0"
      case .serial: "console=\(architecture.serialPort),115200"
      }
    }
    return (consoles + [commandLine?.value].compactMap { $0 } + furtherArguments).joined(
      separator: " ")
  }
}

extension Architecture {
  /// On arm64 the PL011 that virtual machines and servers (SBSA) have.
  fileprivate var serialPort: String { self == .amd64 ? "ttyS0" : "ttyAMA0" }
}
