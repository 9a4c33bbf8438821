internal import Model

/// UEFI as Debian packages it for QEMU.
struct UEFI {
  var package: String
  var code: String
  /// What a new machine has in its variables: nothing, or the keys of Secure Boot.
  var variables: String
  /// What QEMU has to be told beside that.
  var options: [String] = []
}

extension Architecture {
  /// QEMU's program for machines of this architecture.
  var emulator: String {
    switch self {
    case .amd64: "qemu-system-x86_64"
    case .arm64: "qemu-system-aarch64"
    }
  }

  /// The Debian packages that booting such a machine takes.
  var packages: String {
    switch self {
    case .amd64: "qemu-system-x86 ovmf"
    case .arm64: "qemu-system-arm qemu-efi-aarch64"
    }
  }

  /// QEMU's machine that has this firmware.
  ///
  /// - Parameters:
  ///   - firmware: What starts it.
  ///   - hasScreen: Whether the firmware has a screen to write to; else that of a PC writes to the serial console.
  /// - Returns: What it is called, with its options.
  func machine(_ firmware: Firmware, hasScreen: Bool) -> String {
    let graphics = hasScreen ? "on" : "off"
    return switch (self, firmware) {
    case (.amd64, .bios): "pc,graphics=\(graphics)"
    case (.amd64, .uefi): "q35,graphics=\(graphics)"
    // Only the processor's management mode may write the variables (OVMF's README, "SMM support").
    case (.amd64, .secureBoot): "q35,graphics=\(graphics),smm=on"
    case (.arm64, _): "virt"
    }
  }

  /// The processor to emulate.
  ///
  /// The greatest one of arm64 signs pointers, which takes an emulator much of its time.
  var emulatedProcessor: String {
    switch self {
    case .amd64: "max"
    case .arm64: "cortex-a57"
    }
  }

  func uefi(_ firmware: Firmware) -> UEFI {
    switch (self, firmware) {
    case (.amd64, .secureBoot):
      UEFI(
        package: "ovmf", code: "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd",
        variables: "/usr/share/OVMF/OVMF_VARS_4M.ms.fd",
        options: ["-global", "driver=cfi.pflash01,property=secure,value=on"])
    // The build for 4 MiB of flash is in every release since bullseye, the one for 2 MiB is gone
    // in trixie.
    case (.amd64, _):
      UEFI(
        package: "ovmf", code: "/usr/share/OVMF/OVMF_CODE_4M.fd",
        variables: "/usr/share/OVMF/OVMF_VARS_4M.fd")
    case (.arm64, .secureBoot):
      UEFI(
        package: "qemu-efi-aarch64", code: "/usr/share/AAVMF/AAVMF_CODE.ms.fd",
        variables: "/usr/share/AAVMF/AAVMF_VARS.ms.fd")
    case (.arm64, _):
      UEFI(
        package: "qemu-efi-aarch64", code: "/usr/share/AAVMF/AAVMF_CODE.fd",
        variables: "/usr/share/AAVMF/AAVMF_VARS.fd")
    }
  }
}
