import Files
import Glibc
import Model
import Processes
import StageKit
import Tar
import TestSupport
import Testing

@Suite(.needsRoot) struct TarTests {
  private let longName = String(repeating: "n", count: 120)

  /// A tree with every kind of file.
  private func makeTree(_ root: String) throws {
    try fill(root, ["/a-b": "x", "/a/b": "content\n", "/a/\(longName)": "long", "/z": ""])
    let tree = try Tree(root: root)
    try tree.setMode("/a/b", 0o4755)
    try tree.setOwner("/a", 1000, 3_000_000)
    try tree.link("/a/link", to: "../z")
    #expect(Glibc.link("\(root)/a/b", "\(root)/hard") == 0)
    #expect(mkfifo("\(root)/pipe", 0o600) == 0)
    for path in ["/a", "/a-b", "/a/b", "/a/\(longName)", "/a/link", "/hard", "/pipe", "/z"] {
      try tree.setTime(path, Timestamp(seconds: 1_700_000_000))
    }
    try tree.setTime("/", Timestamp(seconds: 1_700_000_000))
  }

  private func archive(_ root: String, in folder: String) throws -> String {
    let result = try run("tar", #"{"file": "/tree.tar"}"#, on: folder, inputs: ["tree": root])
    #expect(result.status == .exit(0), "\(result.log)")
    return "\(folder)/tree.tar"
  }

  @Test func otherProgramsReadIt() throws {
    try withTemporaryDirectory { root in
      try makeTree(root)
      #expect(chmod(root, 0o755) == 0)
      try withTemporaryDirectory { folder in
        let file = try archive(root, in: folder)
        let list = try Command(
          ["tar", "--numeric-owner", "--utc", "-tvf", file], environment: ["PATH": "/usr/bin:/bin"]
        ).runChecked().text
        let lines = list.split(separator: "\n").map { line in
          line.split(separator: " ").joined(separator: " ")
        }
        #expect(
          lines == [
            "drwxr-xr-x 0/0 0 2023-11-14 22:13 ./",
            "drwxr-xr-x 1000/3000000 0 2023-11-14 22:13 ./a/",
            "-rw-r--r-- 0/0 1 2023-11-14 22:13 ./a-b",
            "-rwsr-xr-x 0/0 8 2023-11-14 22:13 ./a/b",
            "lrwxrwxrwx 0/0 0 2023-11-14 22:13 ./a/link -> ../z",
            "-rw-r--r-- 0/0 4 2023-11-14 22:13 ./a/\(longName)",
            "hrwsr-xr-x 0/0 0 2023-11-14 22:13 ./hard link to ./a/b",
            "prw------- 0/0 0 2023-11-14 22:13 ./pipe", "-rw-r--r-- 0/0 0 2023-11-14 22:13 ./z",
          ])
      }
    }
  }

  @Test func comesBackAsItWas() throws {
    try withTemporaryDirectory { root in
      try makeTree(root)
      unlink("\(root)/pipe")
      try withTemporaryDirectory { folder in
        let file = try archive(root, in: folder)
        try withTemporaryDirectory { copy in
          let tree = try Tree(root: copy)
          var reader = TarReader(try Files.read(file), archive: "the test's")
          while let entry = try reader.next() { try tree.unpack(entry, from: &reader) }
          #expect(try listing(of: copy) == listing(of: root))
          #expect(try Files.information("\(copy)/hard").st_nlink == 2)
          #expect(try Files.information("\(copy)/a/b").st_mtim.tv_sec == 1_700_000_000)
        }
        try withTemporaryDirectory { copy in
          _ = try Command(["tar", "-xpf", file, "-C", copy]).runChecked()
          #expect(try listing(of: copy) == listing(of: root))
        }
      }
    }
  }

  @Test func equalTreesGiveEqualBytes() throws {
    var archives: [[UInt8]] = []
    for _ in 0..<2 {
      try withTemporaryDirectory { root in
        try makeTree(root)
        try withTemporaryDirectory { archives.append(try Files.read(archive(root, in: $0))) }
      }
    }
    #expect(archives[0] == archives[1])
  }

  @Test func keepsExtendedAttributesAndLargeNumbers() throws {
    let entry = TarEntry(
      path: "f", kind: .file, mode: 0o755, uid: 5_000_000, gid: 2_097_151, size: 3,
      mtime: 12,
      xattrs: [
        TarEntry.Xattr(name: "user.b", value: [1, 0, 0x0a, 2]),
        TarEntry.Xattr(name: "user.c", value: []),
      ])
    let file = try FileDescriptor.inMemory()
    var writer = TarWriter(to: file.raw, archive: "the test's")
    try writer.begin(entry)
    try writer.addContent([7, 8, 9])
    try writer.endContent(size: 3)
    try writer.finish()
    var reader = TarReader(try file.readAll(), archive: "the test's")
    let first = try #require(try reader.next())
    #expect(first == entry)
    #expect(try reader.content() == .data([7, 8, 9]))
    #expect(try reader.content() == nil)
    #expect(try reader.next() == nil)
  }

  @Test func damageIsNamed() throws {
    var bytes = [UInt8](repeating: 0, count: 1024)
    bytes[0] = 65
    var reader = TarReader(bytes, archive: "a.deb")
    let failure = #expect(throws: Failure.self) { try reader.next() }
    #expect(
      failure?.description
        == "cannot read the tar archive in a.deb: a header's checksum is wrong")
  }
}
