import Boot
import Files
import Model
import Processes
import TestSupport
import Testing

/// What a machine starts an image by where nobody says it.
@Suite struct FirmwareTests {
  /// The names of sfdisk(8) for types, so that the numbers are its own and not ours.
  private static let esp = "uefi"
  private static let linux = "linux"

  /// A disk with these partitions, given in the words of sfdisk(8).
  private func disk(_ table: String, code: Bool = false, in folder: String) throws -> String {
    let path = folder + "/disk,=.raw"
    let script = """
      set -e; rm -f "$1"; truncate -s 8M "$1"
      printf '%s\\n' "$2" | sfdisk --quiet --no-reread "$1"
      [ "$3" = false ] || printf '\\353' | dd of="$1" conv=notrunc status=none
      """
    _ = try Command(["sh", "-c", script, "sh", path, table, "\(code)"]).runChecked()
    return path
  }

  @Test(arguments: [
    ("label: gpt\nsize=1M, type=\(esp)", false, Firmware.uefi),
    ("label: gpt\nsize=1M, type=\(linux)\ntype=\(esp)", false, .uefi),
    ("label: dos\nsize=1M, type=83\ntype=ef", false, .uefi),
    ("label: gpt\nsize=1M, type=\(esp)", true, .bios),
    ("label: gpt\nsize=1M, type=\(linux)", false, .bios),
    ("label: dos\nsize=1M, type=83", false, .bios),
  ])
  func `a disk that no BIOS can start is started by UEFI`(
    table: String, code: Bool, firmware: Firmware
  ) throws {
    try withTemporaryDirectory { folder in
      let path = try disk(table, code: code, in: folder)
      #expect(try Firmware.fitting(imageAt: path, on: .amd64) == firmware)
      #expect(try Firmware.fitting(imageAt: path, on: .arm64) == .uefi)
      for format in ["qcow2", "vdi", "vmdk", "vhdx", "vpc"] {
        let other = "\(folder)/disk.\(format)"
        _ = try Command(["qemu-img", "convert", "-O", format, "file:" + path, other]).runChecked()
        #expect(try Firmware.fitting(imageAt: other, on: .amd64) == firmware, "\(format)")
      }
    }
  }

  @Test func `an image without partitions starts as usual`() throws {
    try withTemporaryDirectory { folder in
      try Files.write(Array("four".utf8), to: folder + "/small")
      #expect(try Firmware.fitting(imageAt: folder + "/small", on: .amd64) == .bios)
    }
  }
}
