import Boot
import Files
import Model
import TestSupport
import Testing

extension EndToEnd {
  /// The driver of the virtual machine, where no system comes up.
  @Suite(.serialized) struct Console {
    @Test func `A disk without a system ends the wait at once`() throws {
      try withTemporaryDirectory { folder in
        let disk = folder + "/a,b=c:d.raw"
        try Files.write([UInt8](repeating: 0, count: 1 << 20), to: disk)
        let machine = try Machine(image: disk, firmware: .bios, memory: 64)
        let failure = try #require(throws: Failure.self) {
          try machine.expect("login:", within: 120)
        }
        #expect(failure.object == disk)
        #expect(failure.cause.hasPrefix("it stopped at “No bootable device”"), "\(failure)")
        #expect(try Files.read(disk).allSatisfy { $0 == 0 })
      }
    }

    @Test func `A text that does not come is waited for as long as asked`() throws {
      try withTemporaryDirectory { folder in
        try Files.write([UInt8](repeating: 0, count: 1 << 20), to: folder + "/disk.raw")
        let machine = try Machine(image: folder + "/disk.raw", firmware: .uefi, memory: 64)
        let failure = try #require(throws: Failure.self) { try machine.expect("login:", within: 1) }
        #expect(failure.cause.hasPrefix("“login:” did not appear within 1 seconds"), "\(failure)")
      }
    }

    @Test func `What QEMU says when it refuses is in the message`() throws {
      try withTemporaryDirectory { folder in
        let disk = folder + "/disk.qcow2"
        try Files.write(Array("QFI\u{0}".utf8.dropLast()) + [0xfb, 0, 0], to: disk)
        let machine = try Machine(image: disk, firmware: .bios)
        let failure = try #require(throws: Failure.self) {
          try machine.expect("login:", within: 60)
        }
        #expect(failure.cause.hasPrefix("QEMU ended: "), "\(failure)")
        #expect(failure.cause.contains("qcow2"), "\(failure)")
      }
    }
  }
}
