import Files
import Glibc
import Model
import Processes
import StageKit
import Tar
import TestSupport
import Testing

/// Archives that somebody made to crash, stop or fill the reader, or to put files elsewhere.
@Suite struct HostileTarTests {
  private static let sparse: [(ByteString, ByteString)] = [
    ("GNU.sparse.major", "0"), ("GNU.sparse.minor", "1"), ("GNU.sparse.numblocks", "1"),
  ]

  private static func map(_ size: ByteString, _ map: ByteString) -> [UInt8] {
    RawTar.pax(sparse + [("GNU.sparse.size", size), ("GNU.sparse.map", map)])
  }

  /// An archive's first bytes, and what is said of them.
  private static let damaged: [(String, [UInt8], String)] = [
    (
      "size 2^63-1", RawTar.entry("a", fields: [TarField.size: RawTar.binary(.max)]),
      "'a' has 9223372036854775807 bytes, but the limit for a file is 1TiB"
    ),
    (
      "size that is too large for 64 bits",
      RawTar.entry("a", fields: [TarField.size: [0x80, 1] + [UInt8](repeating: 0, count: 10)]),
      "a number in a header is too large"
    ),
    (
      "size -512", RawTar.entry("a", fields: [TarField.size: RawTar.binary(-512)]),
      "the size of 'a' is negative"
    ),
    (
      "global header 2^63-1",
      RawTar.entry("g", kind: "g", fields: [TarField.size: RawTar.binary(.max)]),
      "the headers of a file are larger than 16MiB, the limit"
    ),
    (
      "long name 2^63-1",
      RawTar.entry("L", kind: "L", fields: [TarField.size: RawTar.binary(.max)]),
      "the headers of a file are larger than 16MiB, the limit"
    ),
    (
      "headers without end",
      Array(
        (0..<17).map { _ in RawTar.pax([UInt8](repeating: 0x20, count: 1 << 20), kind: "g") }
          .joined()),
      "the headers of a file are larger than 16MiB, the limit"
    ),
    ("a pax record of nothing", RawTar.pax(Array("4 a=".utf8)), "a pax record is damaged"),
    (
      "a pax record without its end", RawTar.pax(Array("9 path=ab".utf8)), "a pax record is damaged"
    ),
    (
      "a pax record of 2^63-1", RawTar.pax(Array("9223372036854775807 path=a\n".utf8)),
      "a pax record is damaged"
    ),
    ("a pax record of -5", RawTar.pax(Array("-5 path=a\n".utf8)), "a pax record is damaged"),
    ("a pax key with a NUL", RawTar.pax([("user\0.x", "1")]), "a pax record has no key"),
    (
      "pax size -5", RawTar.pax([("size", "-5")]),
      "the pax record 'size' has the invalid value '-5'"
    ),
    (
      "pax size +5", RawTar.pax([("size", "+5")]),
      "the pax record 'size' has the invalid value '+5'"
    ),
    (
      "time -2^63 and a half", RawTar.pax([("mtime", "-9223372036854775808.5")]),
      "the pax record 'mtime' has the invalid value '-9223372036854775808.5'"
    ),
    (
      "time 2^63-1", RawTar.pax([("mtime", "9223372036854775807")]) + RawTar.entry("a"),
      "the time of 'a', 9223372036854775807, is not in the years 1 to 9999"
    ),
    (
      "an attribute without a name", RawTar.pax([("SCHILY.xattr.", "c")]),
      "the pax record 'SCHILY.xattr.' has the invalid value 'c'"
    ),
    (
      "holes of -2^63", map("-9223372036854775808", "1,0"),
      "the pax record 'GNU.sparse.size' has the invalid value '-9223372036854775808'"
    ),
    (
      "holes of 8 EiB", map("9223372036854775807", "0,1") + RawTar.entry("a", [1]),
      "'a' has 9223372036854775807 bytes, but the limit for a file is 1TiB"
    ),
    (
      "holes whose sum is too large",
      map("9223372036854775807", "0,9223372036854775806,9223372036854775806,1")
        + RawTar.entry("a", [1]),
      "the map of a sparse file does not match the file"
    ),
    (
      "many files of holes",
      map("1099511627776", "0,1") + RawTar.entry("a", [1]) + map("1099511627776", "0,1")
        + RawTar.entry("b", [1]),
      "its sparse files have holes of more than 1TiB, the limit for an archive"
    ),
    (
      "a map of 2^61 pieces",
      RawTar.pax([
        ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "10"),
      ])
        + RawTar.entry("a", Array("2305843009213693951\n".utf8) + [UInt8](repeating: 0, count: 493)),
      "a sparse file has 2305843009213693951 pieces, but the limit is 4194304"
    ),
    (
      "a map of one endless number",
      RawTar.pax([
        ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "10"),
      ]) + RawTar.entry("a", [UInt8](repeating: 0x31, count: 4096)),
      "the map of a sparse file is not made of numbers"
    ),
    ("an unknown kind", RawTar.entry("a", kind: "Z"), "it has an entry of unknown type 90"),
    (
      "the end within a header", Array(RawTar.entry("a").prefix(300)),
      "it ends in the middle of a header"
    ),
    (
      "the end within content",
      Array(RawTar.entry("a", [UInt8](repeating: 1, count: 900)).prefix(1024)),
      "it ends in the middle of a file"
    ),
  ]

  @Test(arguments: damaged.indices)
  func `is refused with the reason`(_ index: Int) {
    let (name, bytes, cause) = Self.damaged[index]
    let failure = #expect(throws: Failure.self, "\(name)") {
      var reader = TarReader(bytes + RawTar.end, archive: name)
      if name.hasPrefix("the end") { reader = TarReader(bytes, archive: name) }
      while try reader.next() != nil {}
    }
    #expect(failure?.cause == cause)
  }

  @Test func `records without end take no time that grows with their square`() throws {
    // Each was put behind a copy of all before.
    let one = PaxRecords.record("GNU.sparse.offset", Array("0".utf8))
    let records = Array(repeatElement(one, count: (8 << 20) / one.count).joined())
    var reader = TarReader(
      RawTar.pax(records) + RawTar.entry("a") + RawTar.end, archive: "records")
    #expect(processorSeconds { while let _ = try? reader.next() {} } < 60)
  }

  @Test func `fields with spaces around, and empty ones, are what they were`() throws {
    let bytes = RawTar.entry(
      "a", [1, 2],
      fields: [TarField.size: Array("         2 \0".utf8), TarField.uid: Array("    17 \0".utf8)])
    var reader = TarReader(bytes + RawTar.end, archive: "blanks")
    let entry = try #require(try reader.next())
    #expect(entry.size == 2 && entry.uid == 0o17)
  }

  /// Paths, and what is said of them; nil where they are right.
  @Test(arguments: [
    ("../x", "it leads out of the tree: it contains '..'"),
    ("a/../../x", "it leads out of the tree: it contains '..'"),
    // Of Swift's characters, the slash and the mark after it are one.
    ("../\u{301}x", "it leads out of the tree: it contains '..'"),
    ("a\0b", "it contains a NUL character"), ("/a", nil), ("a/.\u{301}./b", nil), ("...", nil),
    (
      String(repeating: "x", count: 256), "a name in it has 256 bytes, more than Linux allows (255)"
    ),
    (String(repeating: "x", count: 255), nil),
    (String(repeating: "d/", count: 30_000), "it has 60000 bytes, more than Linux allows (4095)"),
  ])
  func `a path is checked by its bytes`(path: String, cause: String?) {
    var entry = TarEntry(path: ByteString(path), kind: .file, mode: 0, uid: 0, gid: 0, mtime: 0)
    if let cause {
      let failure = #expect(throws: Failure.self) { try entry.place() }
      #expect(failure?.cause == cause)
      // A further name is a path as well.
      entry.kind = .hardLink(to: entry.path)
    } else {
      #expect(throws: Never.self) { try entry.place() }
    }
  }

  @Test(arguments: [
    ("a/.wh.b", LayerChange.whiteout("a/b")), (".wh..wh..opq", .opaque("")),
    ("./a/.wh..wh..opq", .opaque("a")), (".wh.\u{301}x", .whiteout("\u{301}x")),
    ("a/.wh", .file("a/.wh")), (".whx", .file(".whx")), ("./", .file("")),
    (".wh.e\u{301}", .whiteout("e\u{301}")),
  ])
  func `what a name in a layer means`(path: String, change: LayerChange) throws {
    let entry = TarEntry(path: ByteString(path), kind: .file, mode: 0, uid: 0, gid: 0, mtime: 0)
    #expect(try LayerChange(entry) == change)
  }
}

/// The same in a tree.
@Suite(.needsRoot) struct HostileLayerTests {
  private func lay(_ layers: [[UInt8]], in tree: String) throws {
    var root = try ContainerLayers(into: tree)
    for bytes in layers {
      var reader = TarReader(bytes + RawTar.end, archive: "a layer")
      try root.add(&reader)
    }
    try root.finish()
  }

  private func names(in tree: String) throws -> [[UInt8]] { try Walk(tree).entries.map(\.path) }

  private func named(_ path: [UInt8], kind: Character = "0", link: String = "") -> [UInt8] {
    RawTar.entry("", kind: kind, link: link, fields: [TarField.name: path])
  }

  @Test func `names that differ in bytes alone are different files`() throws {
    try withTemporaryDirectory { tree in
      let paths =
        [[0x61, 0xff], [0xc3, 0xa9], [0x65, 0xcc, 0x81], [0xef, 0xbf, 0xbd]] as [[UInt8]]
      try lay([Array(paths.map { named($0) }.joined())], in: tree)
      #expect(try names(in: tree) == paths.sorted { $0.lexicographicallyPrecedes($1) })
      // A whiteout is for the one of the two that has these bytes.
      try lay([named(Array(".wh.".utf8) + [0x65, 0xcc, 0x81])], in: tree)
      #expect(try names(in: tree) == [[0x61, 0xff], [0xc3, 0xa9], [0xef, 0xbf, 0xbd]])
    }
  }

  @Test(arguments: ["0", "2"] as [Character])
  func `the root stays a folder, with what is in it`(kind: Character) throws {
    try withTemporaryDirectory { tree in
      let failure = #expect(throws: Failure.self) {
        try lay([RawTar.entry("keep") + RawTar.entry("./", kind: kind, link: "/")], in: tree)
      }
      #expect(failure?.cause == "in the archive it is not a directory")
      let left = try names(in: tree)
      #expect(left == [Array("keep".utf8)])
    }
  }

  @Test(arguments: [
    ("d", "it is a hard link to /d, which is a directory"),
    ("h", "it is a hard link to /h: No such file or directory"),
    ("none", "it is a hard link to /none: No such file or directory"),
    ("../../etc/passwd", "it leads out of the tree: it contains '..'"),
  ])
  func `a further name of what cannot have one is refused`(target: String, cause: String) throws {
    try withTemporaryDirectory { tree in
      let failure = #expect(throws: Failure.self) {
        try lay(
          [RawTar.entry("d", kind: "5") + RawTar.entry("h", kind: "1", link: target)], in: tree)
      }
      #expect(failure?.cause == cause)
    }
  }

  @Test func `a link with a NUL does not become a shorter one`() throws {
    try withTemporaryDirectory { tree in
      let failure = #expect(throws: Failure.self) {
        try lay([RawTar.pax([("linkpath", "a\0b")]) + RawTar.entry("l", kind: "2")], in: tree)
      }
      #expect(failure?.cause == "its target is empty or contains a NUL")
    }
  }

  @Test func `too many and too large attributes are told as such`() throws {
    try withTemporaryDirectory(in: Places.repository + "/.build") { tree in
      let many = (0..<1000).map {
        (ByteString("SCHILY.xattr.user.x\($0)"), ByteString(String(repeating: "v", count: 1000)))
      }
      // File systems differ in how many they take; none takes 64 KiB of one.
      do { try lay([RawTar.pax(many) + RawTar.entry("a")], in: tree) } catch let failure as Failure
      {
        #expect(failure.cause.hasPrefix("the file has too many: 1000 attributes of"))
        #expect(failure.object == "/a")
      }
      let large = ByteString(String(repeating: "v", count: 70_000))
      let failure = #expect(throws: Failure.self) {
        try lay([RawTar.pax([("SCHILY.xattr.user.x", large)]) + RawTar.entry("b")], in: tree)
      }
      #expect(failure?.cause == "its value has 70000 bytes, more than Linux allows (65536)")
    }
  }

  @Test func `links that make a path longer than any name of it are refused`() throws {
    try withTemporaryDirectory { tree in
      let long = String(repeating: "d/", count: 1000)
      func folder(_ path: String) -> [UInt8] {
        RawTar.pax([("path", ByteString(path))]) + RawTar.entry("", kind: "5")
      }
      let layer =
        folder(long) + RawTar.pax([("linkpath", ByteString(long))]) + RawTar.entry("l", kind: "2")
        + folder("l/" + long) + RawTar.pax([("linkpath", ByteString("l/" + long))])
        + RawTar.entry("m", kind: "2") + folder("m/" + long)
      let failure = #expect(throws: Failure.self) { try lay([layer], in: tree) }
      #expect(failure?.cause.contains("longer than 4095 bytes") == true, "\(failure?.cause ?? "")")
    }
  }

  @Test func `a stage does not wait for a pipe or read a device without end`() throws {
    try withTemporaryDirectory { folder in
      let root = try Tree(root: folder)
      try root.makeDirectories("/etc")
      #expect(mkfifo("\(folder)/etc/hostname", 0o644) == 0)
      #expect(mknod("\(folder)/etc/zero", S_IFCHR | 0o666, 1 << 8 | 5) == 0)
      try root.link("/etc/passwd", to: "zero")
      for path in ["/etc/hostname", "/etc/passwd", "/etc"] {
        #expect(throws: Failure.self) { try root.read(path) }
        #expect(throws: Failure.self) { try root.write(path, "text") }
      }
      let failure = #expect(throws: Failure.self) { try root.read("/etc/hostname") }
      #expect(failure?.cause == "it is a named pipe, not a regular file")
      let result = try run("hostname", #"{"name": "web"}"#, on: folder)
      #expect(result.status == .exit(1))
      #expect(result.log.contains("/etc/hostname: it is a named pipe"), "\(result.log)")
    }
  }
}
