import Boot
import Model
import TestSupport
import Testing

/// How a machine is started from an image: a row of docs/proofs.md.
struct Start: Sendable, CustomTestStringConvertible {
  var format = "raw"
  /// The root's.
  var filesystem = "ext4"
  var loader = "grub"
  var firmware = Firmware.bios
  var table = "GPT"
  var architecture = Architecture.amd64
  var drive = Drive.disk

  var testDescription: String {
    "\(format), \(filesystem), \(loader) by \(firmware.name), \(drive.rawValue)"
  }

  /// Starts the machine, logs in, asks it, and keeps a record of a machine that answered well.
  ///
  /// - Parameters:
  ///   - image: The image.
  ///   - user: Whose password is `particle`.
  ///   - memory: Of the machine, in MiB.
  ///   - restarts: Whether it starts again when its system does.
  ///   - note: What the answers show beside a system that is up.
  ///   - expected: Commands, and what they answer.
  /// - Returns: The machine, for whoever goes on to use it.
  /// - Throws: When it does not come up, and when it answers something else.
  @discardableResult func prove(
    _ image: String, user: String = "root", memory: Int = 1024, restarts: Bool = false,
    _ note: String = "", _ expected: [(String, String)] = []
  ) throws -> Machine {
    let machine = try Machine(
      image: image, as: drive, architecture: architecture, firmware: firmware, memory: memory,
      restarts: restarts)
    try machine.logIn(user: user, password: "particle", within: FullTest.isOn ? 1200 : 600)
    try machine.quieten()
    let state = try machine.run("systemctl is-system-running --wait", within: 600).output
    // systemd tells what it starts until it is done.
    let isRunning = state.split(separator: "\n").last == "running"
    let failed = isRunning ? "" : try machine.run("systemctl --failed").output
    try #require(isRunning, "\(state)\n\(failed)")
    let isUEFI = firmware != .bios
    let usual = [
      ("test -d /sys/firmware/efi; echo $?", isUEFI ? "0" : "1"),
      ("findmnt -no FSTYPE /", drive == .cdrom || format == "iso" ? "overlay" : filesystem),
    ]
    // The variable's value follows four bytes of attributes.
    let secure = [("od -An -tu1 -j4 /sys/firmware/efi/efivars/SecureBoot-*", "   1")]
    for (command, answer) in usual + (firmware == .secureBoot ? secure : []) + expected {
      let said = try machine.run(command, within: 300).output
      try #require(said == answer, "on the machine: \(command)")
    }
    try FullTest.prove(
      "boots",
      [
        loader, firmware.name, architecture.rawValue, table, filesystem,
        format == "iso" ? "iso (\(drive == .cdrom ? "DVD" : "USB stick"))" : format, note,
      ], key: 6)
    return machine
  }
}

extension Firmware {
  /// What people call it.
  var name: String {
    switch self {
    case .bios: "BIOS"
    case .uefi: "UEFI"
    case .secureBoot: "Secure Boot"
    }
  }
}
