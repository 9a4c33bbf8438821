import Files
import Glibc
import Model
import TestSupport
import Testing
import Trees

@Suite struct LayerStackTests {
  @Test func `a link in a tree leads nowhere on the machine`() throws {
    try withTemporaryDirectory { folder in
      try Files.makeDirectories(folder + "/host/etc")
      try Files.write([], to: folder + "/host/etc/hostname")
      try Files.makeDirectories(folder + "/layer")
      for (name, target) in [("etc", "\(folder)/host/etc"), ("up", "../host/etc")] {
        try OpenTree(folder + "/layer").place(ByteString(name)).makeLink(to: ByteString(target))
      }
      let stack = LayerStack([folder + "/layer"])
      #expect((try stack.find("/etc")?.information.st_mode ?? 0) & S_IFMT == S_IFLNK)
      #expect(try stack.find("/etc/hostname") == nil && stack.find("/up/hostname") == nil)
      #expect(try stack.find("/../host/etc/hostname") == nil)
      #expect(throws: Failure.self) { try OpenTree(folder + "/layer").place("etc/hostname") }
    }
  }

  @Test func `it finds what an overlay shows`() throws {
    try withTemporaryDirectory { folder in
      let layers = (0...3).map { "\(folder)/\($0)" }
      for layer in layers { try Files.makeDirectories(layer + "/a") }
      try Files.write([], to: layers[0] + "/a/low")
      try Files.write([], to: layers[0] + "/a/gone")
      try Files.makeDirectories(layers[0] + "/b")
      try Files.write([], to: layers[0] + "/b/x")
      try Files.write([], to: layers[1] + "/b")
      try Files.makeDirectories(layers[2] + "/b")
      let stack = LayerStack(layers)
      #expect(try stack.find("a")?.layer == 3 && stack.find("/")?.layer == 3)
      #expect(try stack.find("/a/low")?.layer == 0)
      // What was no folder in between hides what the folder beneath had.
      #expect(try stack.find("b/x") == nil)
      guard getuid() == 0 else { return }
      try OpenTree(layers[1]).place("a/gone").makeNode(mode: S_IFCHR, device: 0)
      #expect(try stack.find("/a/gone") == nil)
      try Files.setAttribute(Mount.opaque, of: layers[2] + "/a")
      #expect(try stack.find("/a/low") == nil)
    }
  }
}
