import Files
import Glibc
import StageKit
import TestSupport
import Testing

/// Files that become a part of another one.
@Suite struct CopyTests {
  @Test(arguments: [true, false])
  func aSparseFileGoesToItsPlaceWithItsHoles(acrossFileSystems: Bool) throws {
    try withTemporaryDirectory { folder in
      let source =
        try acrossFileSystems
        ? FileDescriptor.inMemory() : .open("\(folder)/a", O_RDWR | O_CREAT)
      let (start, unit) = (3 << 20, 1 << 16)
      try source.write([UInt8](repeating: 1, count: unit + 5), at: 0)
      try source.write([UInt8](repeating: 2, count: 3), at: 9 * unit)
      try source.setSize(40 * unit)
      let target = try FileDescriptor.open("\(folder)/b", O_RDWR | O_CREAT)
      try target.setSize(16 << 20)
      try source.copy(to: target, at: start)

      let (whole, copy) = (try source.read(40 * unit, at: 0), try target.readAll())
      #expect(copy.count == 16 << 20)
      #expect(copy[start..<start + whole.count].elementsEqual(whole))
      #expect(copy[..<start].allSatisfy { $0 == 0 })
      #expect(copy[(start + whole.count)...].allSatisfy { $0 == 0 })
      #expect(try Files.information("\(folder)/b").st_blocks * 512 < 8 * unit)
    }
  }

  @Test func `beneath the mount of /var there is a folder for the private files of early services`()
    throws
  {
    try withTemporaryDirectory { folder in
      for path in ["var/tmp/x", "var/lib", "boot/efi/x", "usr"] {
        try Files.makeDirectories("\(folder)/\(path)")
      }
      try Files.write([], to: folder + "/var/file")
      chmod(folder + "/var/tmp", 0o1777)
      func paths(_ beside: [String], of mountPoint: String = "/") throws -> [String] {
        try Content(of: mountPoint, in: folder, beside: beside).walk.entries.map {
          String(decoding: $0.path, as: UTF8.self)
        }
      }
      #expect(
        try paths(["/", "/var", "/boot/efi"])
          == ["boot", "boot/efi", "usr", "var", "var/tmp"])
      #expect(try paths(["/", "/boot"]).contains("var/tmp/x"))
      #expect(try paths(["/", "/var"], of: "/var") == ["file", "lib", "tmp", "tmp/x"])
      // A link or a file would not do.
      try Files.removeTree(folder + "/var/tmp")
      try Files.write([], to: folder + "/var/tmp")
      #expect(try paths(["/", "/var", "/usr"]).contains("var/tmp") == false)
    }
  }
}
