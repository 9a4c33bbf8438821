internal import Files
internal import Glibc
internal import Model

/// What starts the machine: the firmware that looks for a boot loader on the disk.
package enum Firmware: String, Sendable, CaseIterable {
  case bios, uefi

  /// QEMU's options for this firmware.
  ///
  /// - Parameter variables: The number, in QEMU, of the open file that holds the UEFI variables.
  /// - Returns: What to add to QEMU's command line.
  func arguments(variables: Int32) -> [String] {
    switch self {
    case .bios: ["-machine", "pc,graphics=off"]
    case .uefi:
      [
        "-machine", "q35,graphics=off",
        "-drive", "if=pflash,format=raw,unit=0,readonly=on,file=\(Self.code)",
        "-drive", "if=pflash,format=raw,unit=1,file=/proc/self/fd/\(variables)",
      ]
    }
  }

  /// A copy of the empty UEFI variables, in memory: the machine writes to them.
  func variables() throws(Failure) -> FileDescriptor {
    guard self == .uefi else { return try .inMemory() }
    do {
      // QEMU opens it by its name.
      _ = try FileDescriptor.open(Self.code, O_RDONLY)
      return try .inMemory(try Files.read(Self.emptyVariables))
    } catch {
      throw Failure(
        error.operation, error.object, cause: error.cause, remedy: "apt install ovmf",
        code: error.code)
    }
  }

  /// Where Debian's package `ovmf` has the firmware; the build for 4 MiB of flash is in every
  /// release since bullseye, the one for 2 MiB is gone in trixie.
  private static let code = "/usr/share/OVMF/OVMF_CODE_4M.fd"
  private static let emptyVariables = "/usr/share/OVMF/OVMF_VARS_4M.fd"
}
