import Files
import Model
import Processes
import Synchronization
import TestSupport
import Testing

/// Files and directories in the making, while other runs remove leftovers in the same directory.
@Suite struct PartialOutputTests {
  @Test func `what is in the making is not hurt by who removes leftovers`() throws {
    try withTemporaryDirectory { folder in
      let isDone = Atomic(false)
      let ended = Atomic(0)
      for _ in 0..<3 {
        startThread {
          while !isDone.load(ordering: .relaxed) { PartialOutput.removeLeftovers(in: folder) }
          ended.add(1, ordering: .relaxed)
        }
      }
      defer {
        isDone.store(true, ordering: .relaxed)
        while ended.load(ordering: .relaxed) < 3 {}
      }
      for number in 0..<1000 {
        let directory = try PartialOutput.directory(in: folder)
        try Files.write([1], to: directory.path + "/kept")
        let file = try PartialOutput.file(in: folder)
        try file.descriptor.write([UInt8(number & 255)])
        #expect(try Files.read(directory.path + "/kept") == [1])
        #expect(Files.exists(file.path))
      }
    }
  }
}
