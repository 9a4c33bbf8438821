internal import Files
internal import Glibc
package import Model

/// What starts the machine: the firmware that looks for a boot loader on the disk.
package enum Firmware: String, Sendable, CaseIterable {
  case bios, uefi

  /// What machines of an architecture start by if nobody says it.
  package static func usual(on architecture: Architecture) -> Firmware {
    architecture == .amd64 ? .bios : .uefi
  }

  /// QEMU's options for this firmware.
  ///
  /// - Parameters:
  ///   - architecture: Of the machine.
  ///   - variables: The number, in QEMU, of the open file that holds the UEFI variables.
  /// - Returns: What to add to QEMU's command line.
  func arguments(on architecture: Architecture, variables: Int32) -> [String] {
    let machine = ["-machine", architecture.machine(self)]
    if self == .bios { return machine }
    return machine + [
      "-drive", "if=pflash,format=raw,unit=0,readonly=on,file=\(architecture.uefi.code)",
      "-drive", "if=pflash,format=raw,unit=1,file=/proc/self/fd/\(variables)",
    ]
  }

  /// A copy of the empty UEFI variables, in memory: the machine writes to them.
  func variables(on architecture: Architecture) throws(Failure) -> FileDescriptor {
    if self == .bios {
      guard architecture == .amd64 else {
        throw Failure(
          "start", "a machine with BIOS", cause: "\(architecture.rawValue) has no BIOS",
          remedy: "boot it with --firmware uefi")
      }
      return try .inMemory()
    }
    do {
      // QEMU opens it by its name.
      _ = try FileDescriptor.open(architecture.uefi.code, O_RDONLY)
      return try .inMemory(try Files.read(architecture.uefi.emptyVariables))
    } catch {
      throw Failure(
        error.operation, error.object, cause: error.cause,
        remedy: "apt install \(architecture.uefi.package)", code: error.code)
    }
  }
}
