internal import Files
package import Model
internal import Processes

extension Firmware {
  /// What can start an image: see `fitting(_:on:)`.
  ///
  /// - Throws: When the image cannot be read.
  package static func fitting(imageAt path: String, on architecture: Architecture) throws(Failure)
    -> Firmware
  {
    fitting(try DiskImage(path), on: architecture)
  }

  /// What can start an image, as far as its first sectors tell: UEFI, where there is an EFI system partition and no boot code
  /// for a BIOS.
  ///
  /// - Parameters:
  ///   - image: The image.
  ///   - architecture: What it is for.
  /// - Returns: The usual firmware of the architecture, where nothing speaks against it.
  static func fitting(_ image: DiskImage, on architecture: Architecture) -> Firmware {
    let usual = usual(on: architecture)
    guard usual == .bios, let start = image.start(bytes: sectors * sector) else { return usual }
    // The boot code of a master boot record is in front of its disk signature.
    let hasCode = start.prefix(440).contains { $0 != 0 }
    return !hasCode && hasSystemPartition(start) ? .uefi : .bios
  }

  private static let sector = 512
  /// The master boot record, the header of a GPT, and its 128 entries.
  private static let sectors = 34

  /// Whether the table of partitions has an EFI system partition (UEFI Specification 2.10, 5.2.2 and 5.3.3).
  private static func hasSystemPartition(_ start: [UInt8]) -> Bool {
    let records = (0..<4).map { 446 + 16 * $0 }
    if records.contains(where: { $0 + 4 < start.count && start[$0 + 4] == 0xef }) { return true }
    let entries = stride(from: 2 * sector, to: start.count - 15, by: 128)
    return entries.contains { start[$0..<$0 + 16].elementsEqual(systemPartition) }
  }

  /// C12A7328-F81F-11D2-BA4B-00A0C93EC93B, as a GPT has it.
  private static let systemPartition: [UInt8] = [
    0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b,
  ]
}

extension DiskImage {
  /// What a machine reads first of the disk.
  ///
  /// - Parameter count: How much, in bytes.
  /// - Returns: Nil where it cannot be read, as where qemu-img is missing for a format that needs it.
  fileprivate func start(bytes count: Int) -> [UInt8]? {
    if format == "raw" {
      return try? FileDescriptor.openRegular(path).read(count, at: 0)
    }
    guard let folder = try? Files.makeTemporaryDirectory(in: "/tmp", prefix: "particle-disk-")
    else {
      return nil
    }
    defer { try? Files.removeTree(folder) }
    let command = Command([
      "timeout", "60", "qemu-img", "dd", "-f", format, "-O", "raw", "bs=512",
      "count=\(count / 512)", "if=file:\(path)", "of=\(folder)/start",
    ])
    guard let outcome = try? command.run(), outcome.ending.isSuccess else { return nil }
    return try? Files.read(folder + "/start", limit: count)
  }
}
