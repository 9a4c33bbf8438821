package import Model
package import StageContracts

extension Architecture {
  /// What looks for a boot loader on machines of this architecture.
  package var firmware: [Grub.Firmware] {
    switch self {
    case .amd64: [.bios, .uefi]
    case .arm64: [.uefi]
    }
  }
}

extension Recipe.Written {
  /// Reports what an image asks of machines that do not have it.
  func refuseMissingFirmware(_ problems: inout Problems) {
    for image in images {
      for firmware in image.value.value.boot?.firmware ?? [] {
        let without = architectures.map(\.value).filter { architecture in
          !architecture.firmware.contains(firmware.value)
            && image.value.conditions.allSatisfy {
              $0.architectures?.contains(architecture) ?? true
            }
        }
        guard let architecture = without.first else { continue }
        let others = architecture.firmware.map(\.rawValue).joined(separator: ", ")
        problems.report(
          "\(architecture.rawValue) machines have no \(firmware.value.title) firmware",
          at: firmware.mark,
          remedy: architectures.count == 1
            ? "use firmware: [\(others)]"
            : "remove 'firmware' to support whatever each architecture has, or use firmware:"
              + " [\(others)]"
        )
      }
    }
  }
}

extension Grub.Firmware {
  fileprivate var title: String { rawValue.uppercased() }
}
