import Files
import Glibc
import Model
import Processes
import StageKit
import TestSupport
import Testing

/// The disk formats, as QEMU and the formats' own specifications see them.
@Suite struct VirtualDiskTests {
  static let id = "11223344-5566-8788-99aa-bbccddeeff00"
  static let revision = "21223344-5566-8788-99aa-bbccddeeff01"
  static let formats = ["qcow2", "vdi", "vhd", "vhdx", "vmdk"]
  private static let size = 600 << 20

  /// Writes the same disk with other holes: all of them, none, or such as no format has.
  static func writeDisk(_ path: String, holes: Bool) throws {
    let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT)
    func pattern(_ count: Int, _ seed: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &+ seed) | 1 }
    }
    // The first and the last block, a long run, single bytes at ends of blocks, and zeros that
    // are written between them.
    try file.write(pattern(5000, 1), at: 0)
    try file.write(pattern(3 << 20, 2), at: 17 << 20)
    try file.write([7], at: 100 << 20 - 1)
    try file.write([8], at: 200 << 20)
    try file.write(pattern(4096, 3), at: 513 << 20 + 60 << 10)
    try file.write(pattern(512, 4), at: size - 512)
    if !holes {
      try file.write([UInt8](repeating: 0, count: 1 << 20), at: 18 << 20 + 3 << 20)
      try file.write([UInt8](repeating: 0, count: 300 << 10 + 4096), at: 300 << 20 + 4096)
      try file.write([UInt8](repeating: 0, count: 64 << 10), at: 200 << 20 + 4096)
    }
    try file.setSize(size)
  }

  /// An image of the disk in each format; the second time the disk has other holes.
  private func image(_ format: String, in folder: String, holes: Bool = true) throws -> String {
    let disk = folder + "/disk.raw"
    try Self.writeDisk(disk, holes: holes)
    let tree = folder + "/tree"
    try Files.makeDirectories(tree)
    let result = try run(
      "virtual-disk",
      #"{"source": "/disk.raw", "file": "/my.\#(format)", "format": "\#(format)", "#
        + #""id": "\#(Self.id)", "revision": "\#(Self.revision)"}"#,
      on: tree, inputs: ["disk": folder])
    #expect(result.status == .exit(0), "\(result.log)")
    return "\(tree)/my.\(format)"
  }

  @Test(arguments: formats) func qemuReadsTheSameDisk(_ format: String) throws {
    try withTemporaryDirectory { folder in
      let path = try image(format, in: folder)
      let name = format == "vhd" ? "vpc" : format
      let same = try Command([
        "qemu-img", "compare", "-f", "raw", "-F", name, folder + "/disk.raw", path,
      ]).runChecked()
      #expect(same.text.contains("identical"))
      // QEMU has no check of this one.
      if format == "vhd" { return }
      let check = try Command(["qemu-img", "check", "-f", name, path]).runChecked()
      #expect(check.text.contains("No errors were found"))
    }
  }

  @Test(arguments: formats) func holesOfTheRawImageDoNotShow(_ format: String) throws {
    try withTemporaryDirectory { one in
      try withTemporaryDirectory { other in
        let first = try image(format, in: one)
        let second = try image(format, in: other, holes: false)
        try tool(["cmp", first, second])
      }
    }
  }

  @Test(arguments: formats) func onlyWhatIsThereIsWritten(_ format: String) throws {
    try withTemporaryDirectory { folder in
      let info = try Files.information(try image(format, in: folder))
      #expect(Int(info.st_blocks) * 512 < 12 << 20)
    }
  }

  @Test func aVmdkHasTheContentIDAndItsOwnName() throws {
    try withTemporaryDirectory { folder in
      let bytes = try Files.read(try image("vmdk", in: folder))
      let descriptor = String(decoding: bytes[512..<512 * 21].prefix { $0 != 0 }, as: UTF8.self)
      #expect(descriptor.contains("\nCID=11223344\nparentCID=ffffffff\n"))
      #expect(descriptor.contains("\nRW \(Self.size / 512) SPARSE \"my.vmdk\"\n"))
    }
  }

  @Test func aVdiHasTheIDs() throws {
    try withTemporaryDirectory { folder in
      let bytes = try Files.read(try image("vdi", in: folder))
      // VDIHEADER1: uuidCreate and uuidModify, their first groups with the lowest byte first.
      #expect(hex(bytes[392..<408]) == "443322116655888799aabbccddeeff00")
      #expect(hex(bytes[408..<424]) == "443322216655888799aabbccddeeff01")
      #expect(bytes[424..<456].allSatisfy { $0 == 0 })
    }
  }

  @Test func aVhdxHasTheIDsAndAnEmptyLog() throws {
    try withTemporaryDirectory { folder in
      let bytes = try Files.read(try image("vhdx", in: folder))
      for header in [64 << 10, 128 << 10] {
        let revision = "443322216655888799aabbccddeeff01"
        #expect(hex(bytes[(header + 16)..<(header + 32)]) == revision)
        #expect(hex(bytes[(header + 32)..<(header + 48)]) == revision)
        #expect(bytes[(header + 48)..<(header + 64)].allSatisfy { $0 == 0 })
      }
      #expect(bytes[(1 << 20)..<(2 << 20)].allSatisfy { $0 == 0 })
      // The disk's id, where the metadata table says it is: its third entry.
      let entry = 2 << 20 + 32 + 2 * 32
      #expect(hex(bytes[entry..<entry + 16]) == "ab12cabee6b2234593efc309e000c746")
      let place = bytes[(entry + 16)..<(entry + 20)].reversed().reduce(0) { $0 << 8 | Int($1) }
      let value = 2 << 20 + place
      #expect(hex(bytes[value..<value + 16]) == "443322116655888799aabbccddeeff00")
    }
  }

  @Test func aVhdEndsWithAFooterOfTheRecipesOwn() throws {
    try withTemporaryDirectory { folder in
      let bytes = try Files.read(try image("vhd", in: folder), limit: .max)
      #expect(bytes.count == Self.size + 512)
      let footer = Array(bytes.suffix(512))
      #expect(footer.starts(with: Array("conectix".utf8)))
      // 2026-09-12T00:00:00Z in seconds since 2000-01-01.
      #expect(hex(footer[24..<28]) == "32375280")
      #expect(hex(footer[68..<84]) == "112233445566878899aabbccddeeff00")
      let sum = footer.enumerated().reduce(UInt32(0)) { sum, byte in
        (64..<68).contains(byte.offset) ? sum : sum + UInt32(byte.element)
      }
      #expect(hex(footer[64..<68]) == hex(withUnsafeBytes(of: (~sum).bigEndian) { Array($0) }))
    }
  }

  /// What QEMU's compression makes: the same, whichever holes the raw image has.
  @Test(arguments: [("qcow2", "zstd"), ("vmdk", "streamOptimized")])
  func compressedImagesAreTheSameDisk(_ format: String, _ mark: String) throws {
    try withTemporaryDirectory { folder in
      var images: [String] = []
      for holes in [true, false] {
        let place = "\(folder)/\(holes)"
        try Files.makeDirectories(place + "/tree")
        try Self.writeDisk(place + "/disk.raw", holes: holes)
        let result = try run(
          "qemu-img",
          #"{"source": "/disk.raw", "file": "/my.\#(format)", "format": "\#(format)", "#
            + #""id": "\#(Self.id)"}"#,
          on: place + "/tree", inputs: ["disk": place])
        #expect(result.status == .exit(0), "\(result.log)")
        images.append("\(place)/tree/my.\(format)")
        let same = try Command([
          "qemu-img", "compare", "-f", "raw", "-F", format, place + "/disk.raw", images[0],
        ]).runChecked()
        #expect(same.text.contains("identical"))
      }
      try tool(["cmp"] + images)
      let info = try Command(["qemu-img", "info", images[0]]).runChecked().text
      #expect(info.contains(format == "qcow2" ? "compression type: zstd" : "streamOptimized"))
      if format == "vmdk" { #expect(info.contains("cid: \(0x1122_3344)")) }
    }
  }

  /// QEMU's random content id has fewer digits than eight every sixteenth time, and than seven every
  /// 256th time, which leaves other bytes: a run sees one of those nine times of ten.
  @Test func nothingIsLeftOfARandomContentID() throws {
    try withTemporaryDirectory { folder in
      try Files.write([UInt8](repeating: 7, count: 1 << 20), to: folder + "/disk.raw")
      try Files.makeDirectories(folder + "/tree")
      var images: Set<[UInt8]> = []
      for _ in 0..<600 {
        let result = try run(
          "qemu-img",
          #"{"source": "/disk.raw", "file": "/my.vmdk", "format": "vmdk", "id": "\#(Self.id)"}"#,
          on: folder + "/tree", inputs: ["disk": folder])
        #expect(result.status == .exit(0), "\(result.log)")
        images.insert(try Files.read(folder + "/tree/my.vmdk"))
      }
      #expect(images.count == 1)
    }
  }

  @Test func anOvaIsReadByTarAndItsSumsAreRight() throws {
    try withTemporaryDirectory { folder in
      try Self.writeDisk(folder + "/disk.raw", holes: true)
      try Files.write(Array("not really a vmdk".utf8), to: folder + "/my.vmdk")
      let tree = folder + "/tree"
      try Files.makeDirectories(tree)
      let result = try run(
        "ova",
        #"{"source": "/my.vmdk", "raw": "/disk.raw", "file": "/my.ova", "title": "my", "#
          + #""memory": "2GiB", "processors": 3, "firmware": "uefi"}"#,
        on: tree, inputs: ["disk": folder, "raw": folder])
      #expect(result.status == .exit(0), "\(result.log)")
      let names = try Command(["tar", "-tf", tree + "/my.ova"]).runChecked().text
      #expect(names == "my.ovf\nmy.mf\nmy.vmdk\n")
      try tool(["tar", "-C", folder, "-xf", tree + "/my.ova", "my.ovf", "my.mf"])
      // "SHA256(file)= digest" is what OpenSSL prints, and sha256sum reads with --tag only.
      for line in try Files.readText(folder + "/my.mf").split(separator: "\n") {
        let match = try #require(line.wholeMatch(of: /SHA256\((.+)\)= ([0-9a-f]{64})/))
        let sum = try Command(["sha256sum", "\(folder)/\(match.1)"]).runChecked().text
        #expect(sum.hasPrefix(match.2))
      }
      let machine = try Files.readText(folder + "/my.ovf")
      #expect(machine.contains(#"ovf:capacity="\#(Self.size)""#))
      #expect(machine.contains(#"ovf:size="17""#))
      let parsed = try Command([
        "python3", "-c",
        """
        import sys, xml.etree.ElementTree as tree
        rasd = "{http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/\
        CIM_ResourceAllocationSettingData}"
        for item in tree.parse(sys.argv[1]).iter("{http://schemas.dmtf.org/ovf/envelope/1}Item"):
          names = [element.tag.removeprefix(rasd) for element in item]
          assert names == sorted(names), names
          print(item.find(rasd + "ResourceType").text, item.findtext(rasd + "VirtualQuantity"))
        """, folder + "/my.ovf",
      ]).runChecked().text
      #expect(parsed == "3 3\n4 2048\n6 None\n17 None\n10 None\n")
    }
  }

  private func hex(_ bytes: some Collection<UInt8>) -> String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
