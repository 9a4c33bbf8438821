import Files
import Glibc
import Model
import Processes
import TestSupport
import Testing
import Trees

@Suite struct RemovalTests {
  @Test(arguments: [(200, 3000), (1, 20_000)])
  func `a tree of any depth is counted and removed`(length: Int, count: Int) throws {
    try withTemporaryDirectory { folder in
      try Files.makeDirectories(folder + "/tree")
      try deepen(folder + "/tree", String(repeating: "d", count: length), count)
      #expect(try Files.diskUse(of: folder + "/tree") >= 0)
      try Files.removeTree(folder + "/tree")
      #expect(try Files.entries(in: folder) == [])
    }
  }

  @Test func `names that are not UTF-8, links and folders that nobody may read are removed`() throws
  {
    try withTemporaryDirectory { folder in
      let (inner, kept) = (folder + "/tree/inner", folder + "/kept")
      try Files.makeDirectories(inner)
      try Files.makeDirectories(kept)
      try Files.write([], to: kept + "/file")
      for name in [ByteString([0x61, 0xff]), composed, decomposed, "\n", "a\u{fffd}"] {
        _ = try OpenTree(inner).place(name).open(O_WRONLY | O_CREAT, mode: 0)
      }
      try OpenTree(inner).place(ByteString([0xfe])).makeFolder(mode: 0)
      try OpenTree(inner).place("link").makeLink(to: ByteString(kept))
      #expect(chmod(inner, 0) == 0 && chmod(folder + "/tree", 0o500) == 0)
      try Files.removeTree(folder + "/tree")
      #expect(try Files.entries(in: folder) == ["kept"])
      #expect(try Files.entries(in: kept) == ["file"])
    }
  }

  @Test(.enabled(if: getuid() == 0)) func `immutable files are removed by who may change them`()
    throws
  {
    try withTemporaryDirectory { folder in
      try Files.makeDirectories(folder + "/tree/inner")
      try Files.write([], to: folder + "/tree/inner/file")
      for path in ["/tree/inner/file", "/tree/inner", "/tree"] {
        // Not every file system knows it.
        guard try Command(["chattr", "+i", folder + path]).run().ending == .exit(0) else { return }
      }
      #expect(rmdir(folder + "/tree") != 0)
      try Files.removeTree(folder + "/tree")
      #expect(try Files.entries(in: folder) == [])
    }
  }

  @Test(.enabled(if: getuid() == 0)) func `what is mounted in a tree is not the tree's`() throws {
    try withTemporaryDirectory { folder in
      for name in ["tree/a/point", "tree/b", "kept"] {
        try Files.makeDirectories("\(folder)/\(name)")
      }
      try Files.write([], to: folder + "/kept/file")
      let point = folder + "/tree/a/point"
      guard try Command(["mount", "--bind", folder + "/kept", point]).run().ending == .exit(0)
      else {
        return
      }
      defer { _ = try? Command(["umount", point]).run() }
      do {
        try Files.removeTree(folder + "/tree")
        Issue.record("it was removed")
      } catch {
        #expect("\(error)".contains("tree/a/point") && "\(error)".contains("mounted"))
      }
      #expect(try Files.entries(in: folder + "/tree") == ["a"])
      #expect(try Files.entries(in: folder + "/kept") == ["file"])
    }
  }
}
