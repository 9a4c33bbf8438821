import Dispatch
import Files
import Glibc
import Model
import Processes
import StageKit
import Synchronization
import TestSupport
import Testing

/// What a stage body stands on keeps to its tree.
@Suite(.needsRoot) struct TreeTests {
  @Test func `a mode is not set through a link that leads out`() throws {
    try withTemporaryDirectory { folder in
      try Files.makeDirectories(folder + "/root")
      try Files.write([], to: folder + "/victim", mode: 0o600)
      let tree = try Tree(root: folder + "/root")
      try tree.link("/out", to: folder + "/victim")
      try tree.link("/up", to: "../victim")
      for path in ["/out", "/up"] {
        #expect(throws: Failure.self) { try tree.setMode(path, 0o4777) }
        try tree.setOwner(path, 7, 7)
        try tree.setTime(path, Timestamp(seconds: 1))
      }
      let info = try Files.information(folder + "/victim")
      #expect(info.st_mode & 0o7777 == 0o600 && info.st_uid == 0 && info.st_mtim.tv_sec > 1)
    }
  }

  @Test(arguments: ["/a\0b", "/a\0/../../b", "\0"])
  func `a path with a NUL is refused, and nothing is made`(path: String) throws {
    try withTemporaryDirectory { folder in
      let tree = try Tree(root: folder)
      #expect(throws: Failure.self) { try tree.write(path, "x") }
      #expect(throws: Failure.self) { try tree.makeDirectories(path) }
      #expect(throws: Failure.self) { try tree.link(path, to: "x") }
      #expect(throws: Failure.self) { try tree.link("/link", to: path) }
      #expect(throws: Failure.self) { _ = try tree.read(path) }
      #expect(try Files.names(in: folder) == [])
    }
  }

  /// To Swift's characters, a slash with a mark after it is no slash.
  @Test(arguments: [
    "/a/..\u{2f}\u{301}/../../victim", "/../\u{301}/../victim", "/\u{301}/../../victim",
  ])
  func `a combining mark hides neither a slash nor what leads up`(path: String) throws {
    try withTemporaryDirectory { folder in
      try Files.makeDirectories(folder + "/root/a/..\u{301}")
      try Files.makeDirectories(folder + "/root/\u{301}")
      try Files.write([], to: folder + "/victim", mode: 0o600)
      let tree = try Tree(root: folder + "/root")
      #expect(throws: Failure.self) { try tree.setMode(path, 0o4777) }
      try tree.remove(path)
      #expect(try Files.information(folder + "/victim").st_mode & 0o7777 == 0o600)
    }
  }

  @Test func `what others rename meanwhile does not keep a link from being followed`() throws {
    try withTemporaryDirectory { folder in
      try Files.makeDirectories(folder + "/root")
      let tree = try Tree(root: folder + "/root")
      try tree.write("/usr/lib/name", "x")
      try tree.link("/etc/name", to: "../usr/lib/name")
      // The kernel cannot tell then where ".." leads, and wants to be asked again.
      let names = ["/a", "/b"].map { folder + $0 }
      try Files.makeDirectories(names[0])
      let isDone = Atomic(false)
      let end = DispatchSemaphore(value: 0)
      startThread {
        while !isDone.load(ordering: .relaxed) {
          rename(names[0], names[1])
          rename(names[1], names[0])
        }
        end.signal()
      }
      defer {
        isDone.store(true, ordering: .relaxed)
        end.wait()
      }
      for _ in 1...20_000 {
        let (isThere, text) = (tree.exists("/etc/name"), try tree.readText("/etc/name"))
        try #require(isThere && text == "x")
      }
    }
  }

  @Test func `a name that begins with a mark is a name`() throws {
    try withTemporaryDirectory { folder in
      let tree = try Tree(root: folder)
      try tree.write("/a/\u{301}b/c", "x")
      #expect(try Files.readText(folder + "/a/\u{301}b/c") == "x")
    }
  }
}
