import Boot
import Files
import Model
import Synchronization
import TestSupport
import Testing

extension EndToEnd {
  /// The driver of the virtual machine, where no system comes up.
  @Suite(.serialized, .besideAnother) struct Console {
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

    @Test func `A breakpoint that QEMU has lost is called QEMU's fault`() throws {
      try withTemporaryDirectory { folder in
        // Writes what follows it to the first serial port, and stops.
        let sector: [UInt8] = [
          0x31, 0xc0, 0x8e, 0xd8, 0xbe, 0x15, 0x7c, 0xac, 0x84, 0xc0, 0x74, 0x06, 0xba, 0xf8, 0x03,
          0xee, 0xeb, 0xf5, 0xf4, 0xeb, 0xfd,
        ]
        let said = "[    1.000000] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI\r\nKernel panic - not"
        try makeDisk(folder + "/disk.raw", code: sector + said.utf8 + [0])
        let machine = try Machine(image: folder + "/disk.raw", firmware: .bios, memory: 64)
        let failure = try #require(throws: Failure.self) {
          try machine.expect("login:", within: 60)
        }
        #expect(
          failure.cause.hasPrefix("\(Machine.emulatorsFault): it stopped at “Kernel panic”"),
          "\(failure)")
        #expect(failure.remedy == "start it again, if need be with --processors 1")
      }
    }

    @Test func `A name is typed again when it was lost, and a prompt asked for that has gone by`()
      throws
    {
      try withTemporaryDirectory { folder in
        // Says "login: ", loses a line, and one more; says "login: " again, and after a line "Password: ",
        // after another "Login incorrect".
        let code: [UInt8] = [
          0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xd0, 0xbc, 0x00, 0x7c, 0xbe, 0x4d, 0x7c, 0xe8, 0x21, 0x00,
          0xe8, 0x2a, 0x00, 0xe8, 0x27, 0x00, 0xbe, 0x4d, 0x7c, 0xe8, 0x15, 0x00, 0xe8, 0x1e, 0x00,
          0xbe, 0x55, 0x7c, 0xe8, 0x0c, 0x00, 0xe8, 0x15, 0x00, 0xbe, 0x60, 0x7c, 0xe8, 0x03, 0x00,
          0xf4, 0xeb, 0xfd, 0xac, 0x84, 0xc0, 0x74, 0x06, 0xba, 0xf8, 0x03, 0xee, 0xeb, 0xf5, 0xc3,
          0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xf8, 0xba, 0xf8, 0x03, 0xec, 0x3c, 0x0d, 0x75,
          0xf0, 0xc3,
        ]
        let said = "login: \u{0}Password: \u{0}Login incorrect\u{0}"
        try makeDisk(folder + "/disk.raw", code: code + said.utf8)
        let machine = try Machine(image: folder + "/disk.raw", firmware: .bios, memory: 64)
        // An answer that is only late would be taken for a lost line, and the line after it for a name.
        let failure = try #require(throws: Failure.self) {
          try machine.logIn(user: "ann", password: "particle", patience: .seconds(20))
        }
        #expect(failure.cause.hasPrefix("the password of ann was refused"), "\(failure)")
      }
    }

    /// A disk whose boot sector has this code.
    private func makeDisk(_ path: String, code: [UInt8]) throws {
      let disk = code + [UInt8](repeating: 0, count: 510 - code.count) + [0x55, 0xaa]
      try Files.write(disk + [UInt8](repeating: 0, count: 1 << 20), to: path)
    }

    @Test(arguments: [(Machine.emulatorsFault, 2), ("it stopped at “Kernel panic”", 1)])
    func `A test is run once more after QEMU's fault alone`(cause: String, runs: Int) async throws {
      let test = try #require(Test.current)
      let count = Mutex(0)
      await #expect(throws: Failure.self) {
        try await OnceMore().provideScope(for: test, testCase: nil) {
          count.withLock { $0 += 1 }
          throw Failure("boot", "disk.raw", cause: cause)
        }
      }
      #expect(count.withLock { $0 } == runs)
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
