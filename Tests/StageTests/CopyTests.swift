import Files
import Glibc
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
}
