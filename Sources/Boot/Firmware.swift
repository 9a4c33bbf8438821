internal import Files
internal import Glibc
package import Model

/// What starts the machine: the firmware that looks for a boot loader on the disk.
package enum Firmware: String, Sendable, CaseIterable {
  case bios, uefi
  /// UEFI with Secure Boot on, and Microsoft's keys: it starts only what those vouch for.
  case secureBoot = "secure-boot"

  /// What machines of an architecture start by if nobody says it.
  package static func usual(on architecture: Architecture) -> Firmware {
    architecture == .amd64 ? .bios : .uefi
  }

  /// QEMU's options for this firmware.
  ///
  /// - Parameters:
  ///   - architecture: Of the machine.
  ///   - variables: The number, in QEMU, of the open file that holds the UEFI variables.
  ///   - hasScreen: Whether the machine has a screen.
  /// - Returns: What to add to QEMU's command line.
  func arguments(on architecture: Architecture, variables: Int32, hasScreen: Bool) -> [String] {
    let machine = ["-machine", architecture.machine(self, hasScreen: hasScreen)]
    if self == .bios { return machine }
    let uefi = architecture.uefi(self)
    return machine + uefi.options + [
      "-drive", "if=pflash,format=raw,unit=0,readonly=on,file=\(uefi.code)",
      "-drive", "if=pflash,format=raw,unit=1,file=/proc/self/fd/\(variables)",
    ]
  }

  /// A copy of the UEFI variables of a new machine, in memory: the machine writes to them.
  func variables(on architecture: Architecture) throws(Failure) -> FileDescriptor {
    if self == .bios {
      guard architecture == .amd64 else {
        throw Failure(
          "start", "a machine with BIOS", cause: "\(architecture.rawValue) has no BIOS",
          remedy: "boot it with --firmware uefi")
      }
      return try .inMemory()
    }
    let uefi = architecture.uefi(self)
    do {
      // QEMU opens it by its name.
      _ = try FileDescriptor.open(uefi.code, O_RDONLY)
      return try .inMemory(try Files.read(uefi.variables))
    } catch {
      throw Failure(
        error.operation, error.object, cause: error.cause,
        remedy: "apt install \(uefi.package)", code: error.code)
    }
  }
}
