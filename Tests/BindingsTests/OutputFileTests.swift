import Files
import Glibc
import Model
import Processes
import TestSupport
import Testing

/// What stays of the names that people give for outputs.
@Suite struct OutputFileTests {
  private let bytes = Array("new\n".utf8)

  private func shell(_ script: String, in folder: String) throws -> String {
    try Command(["sh", "-c", "cd '\(folder)' && \(script)"]).runChecked().text
  }

  @Test func `a file is made with the umask, and replaced as a whole`() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/out"
      try Files.writeOutput(bytes, to: path)
      #expect(try Files.read(path) == bytes)
      #expect(try Files.information(path).st_mode & 0o7777 == 0o666 & ~Files.userMask)
      _ = try shell("ln out other", in: folder)
      try Files.writeOutput(Array("newer\n".utf8), to: path, mode: 0o600)
      #expect(try Files.read(folder + "/other") == bytes)
      #expect(try Files.information(path).st_mode & 0o7777 == 0o600)
      #expect(try Files.names(in: folder) == ["other", "out"])
    }
  }

  @Test func `a link stays, and what it leads to is written`() throws {
    try withTemporaryDirectory { folder in
      _ = try shell(
        "mkdir real && echo old >real/file && ln -s real/file a && ln -s a b", in: folder)
      try Files.writeOutput(bytes, to: folder + "/b")
      #expect(try Files.linkTarget(folder + "/b") == "a")
      #expect(try Files.linkTarget(folder + "/a") == "real/file")
      #expect(try Files.read(folder + "/real/file") == bytes)
    }
  }

  @Test func `a device stays a device`() throws {
    try withTemporaryDirectory { folder in
      _ = try shell("mknod null c 1 3 && ln -s null link && mknod full c 1 7", in: folder)
      let before = try Files.information(folder + "/null")
      try Files.writeOutput(bytes, to: folder + "/null")
      try Files.writeOutput(bytes, to: folder + "/link")
      let after = try Files.information(folder + "/null")
      #expect(after.st_ino == before.st_ino && after.st_mode == before.st_mode)
      let full = #expect(throws: Failure.self) {
        try Files.writeOutput(bytes, to: folder + "/full")
      }
      #expect(full?.cause == "No space left on device" && full?.remedy != nil)
      #expect(try Files.names(in: folder) == ["full", "link", "null"])
    }
  }

  @Test func `a pipe and an open file are written into`() throws {
    try withTemporaryDirectory { folder in
      _ = try shell("mkfifo pipe; cat pipe >got &", in: folder)
      try Files.writeOutput(bytes, to: folder + "/pipe")
      _ = try shell("while [ ! -s got ]; do sleep 0.01; done", in: folder)
      #expect(try Files.read(folder + "/got") == bytes)
      #expect(try Files.information(folder + "/pipe").st_mode & S_IFMT == S_IFIFO)
      try Files.write(Array("old\n".utf8), to: folder + "/log")
      let log = try FileDescriptor.open(folder + "/log", O_WRONLY | O_APPEND)
      let inode = try Files.information(folder + "/log").st_ino
      _ = try shell("ln -s /dev/fd/\(log.raw) descriptor", in: folder)
      for path in ["/dev/fd/\(log.raw)", "/proc/self/fd/\(log.raw)", folder + "/descriptor"] {
        try Files.writeOutput(bytes, to: path)
      }
      #expect(try Files.readText(folder + "/log") == "old\nnew\nnew\nnew\n")
      #expect(try Files.information(folder + "/log").st_ino == inode)
    }
  }

  @Test(arguments: [
    ("mkdir x", "it is a directory"), ("ln -s nowhere x", "which does not exist"),
    ("ln -s x x", "too many symbolic links"), ("mknod x b 7 200", "it is a block device"),
    ("perl -MSocket -e 'socket(S,1,1,0);bind(S,sockaddr_un(\"x\"))'", "it is a socket"),
  ])
  func `what cannot take an output is refused, early too`(make: String, cause: String) throws {
    try withTemporaryDirectory { folder in
      _ = try shell(make, in: folder)
      for attempt in [
        { try Files.checkOutput(folder + "/x") },
        { try Files.writeOutput(bytes, to: folder + "/x") },
      ] {
        let failure = #expect(throws: Failure.self) { try attempt() }
        #expect(failure?.cause.contains(cause) == true, "\(failure?.cause ?? "")")
        #expect(failure?.code == nil && failure?.remedy != nil)
      }
      #expect(try Files.names(in: folder) == ["x"])
    }
  }
}
