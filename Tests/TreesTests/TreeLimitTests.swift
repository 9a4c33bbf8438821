import Files
import Glibc
import Hashing
import Model
import TestSupport
import Testing
import Trees

@Suite struct TreeLimitTests {
  /// A tree in a folder that is removed afterwards.
  private func withTree(_ body: (_ tree: String, _ folder: String) throws -> Void) throws {
    try withTemporaryDirectory { folder in
      try Files.makeDirectories(folder + "/tree")
      try body(folder + "/tree", folder)
    }
  }

  private func commit(_ tree: String, to listing: String, copy: String? = nil) throws -> Digest {
    let commit = try Commit(
      changes: tree, epoch: Timestamp(seconds: 1_700_000_000),
      interval: 1_800_000_000...1_800_000_001)
    if let copy { try Files.makeDirectories(copy) }
    return try commit.run(copyingTo: copy, listing: listing)
  }

  private func refusal(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return "nothing was refused"
  }

  private func make(_ name: ByteString, in tree: String) throws {
    let file = try OpenTree(tree).place(name).open(O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
    try file.write(name.bytes)
  }

  @Test(arguments: [false, true])
  func `files of any names are kept, copied and found again`(copies: Bool) throws {
    try withTree { tree, folder in
      let names: [ByteString] = [
        composed, decomposed, "a\u{fffd}", ByteString([0x61, 0xff]), "\n", "-first", ".wh.a",
      ]
      for name in names { try make(name, in: tree) }
      try OpenTree(tree).place("link").makeLink(to: ByteString([0xfe, 0x2f]))
      let copy = copies ? folder + "/copy" : nil
      let digest = try commit(tree, to: folder + "/listing", copy: copy)
      #expect(try SHA256.digest(ofFile: folder + "/listing") == digest)
      let listing = try Survey(of: copy ?? tree).listing
      #expect(listing.digest == digest)
      #expect(Set(listing.entries.map(\.path)) == Set(names + [".", "link"]))
    }
  }

  @Test(arguments: [false, true])
  func `no file is older than what every format can say`(copies: Bool) throws {
    try withTree { tree, folder in
      try OpenTree(tree).place("link").makeLink(to: "x")
      try make("file", in: tree)
      for (name, time) in [("link", -62_135_596_800), ("file", -1), (".", -2_145_916_800)] {
        let moment = timespec(tv_sec: time, tv_nsec: 900_000_000)
        #expect(
          utimensat(AT_FDCWD, "\(tree)/\(name)", [moment, moment], AT_SYMLINK_NOFOLLOW) == 0)
      }
      let copy = copies ? folder + "/copy" : nil
      let digest = try commit(tree, to: folder + "/listing", copy: copy)
      let listing = try Survey(of: copy ?? tree).listing
      #expect(listing.digest == digest && listing.entries.count == 3)
      for entry in listing.entries {
        let info = try OpenTree(copy ?? tree).place(entry.path).information()
        #expect(info.st_mtim.tv_sec == 0 && info.st_mtim.tv_nsec == 0, "\(entry.path)")
      }
    }
  }

  @Test func `two spellings of a name stay two files in merged layers`() throws {
    try withTree { tree, folder in
      var layers: [MergedTree.Layer] = []
      let all: [[ByteString]] = [[composed, decomposed], ["x"]]
      for (number, names) in all.enumerated() {
        let layer = "\(folder)/\(number)"
        try Files.makeDirectories(layer)
        for name in names { try make(name, in: layer) }
        if number == 1 {
          try OpenTree(layer).place(composed).makeNode(mode: S_IFCHR, device: 0)
        }
        _ = try commit(layer, to: layer + ".listing")
        layers.append(MergedTree.Layer(listing: layer + ".listing", tree: layer))
      }
      let merged = try MergedTree([layers[0]], as: .tree)
      #expect(merged.items.map(\.entry.path) == [".", decomposed, composed])
      // A whiteout hides the name that it has, and no other.
      let less = try MergedTree(layers, as: .tree)
      #expect(less.items.map(\.entry.path) == [".", decomposed, "x"])
      try less.write(to: folder + "/copy")
      #expect(try Survey(of: folder + "/copy").listing == less.listing)
      #expect(less.listing.isWritten(at: folder + "/copy"))
    }
  }

  @Test func `a folder in place of another hides what was beneath that, and no more`() throws {
    try withTree { _, folder in
      func layer(_ number: Int, _ text: String) throws -> MergedTree.Layer {
        let path = "\(folder)/\(number)"
        try Files.write(Array(("particle listing 1\n" + text).utf8), to: path)
        return MergedTree.Layer(listing: path, tree: folder)
      }
      let layers = [
        try layer(0, "d 0755 0 0 1 - .\nd 0755 0 0 1 - a\np 0644 0 0 1 a!\np 0644 0 0 1 a/b\n"),
        try layer(1, "d 0755 0 0 1 - .\nd 0755 0 0 1 opaque a\np 0644 0 0 1 a/c\n"),
        try layer(2, "d 0755 0 0 1 - .\nw a/c\nl 0777 0 0 1 /etc a\n"),
      ]
      let two = try MergedTree(Array(layers[..<2]), as: .tree)
      #expect(two.items.map(\.entry.path) == [".", "a", "a!", "a/c"])
      #expect(try MergedTree(layers, as: .tree).items.map(\.entry.path) == [".", "a", "a!"])
    }
  }

  @Test func `a path that many programs do not take is refused by name`() throws {
    try withTree { tree, folder in
      let name = String(repeating: "d", count: 200)
      try deepen(tree, name, 3000)
      let said = refusal { _ = try commit(tree, to: folder + "/listing") }
      #expect(said.contains("/ddddd") && said.contains("longer than 4000 bytes"), "\(said)")
      #expect(said.utf8.count < 1000)
      #expect(refusal { _ = try Survey(of: tree) }.contains("longer than 4000 bytes"))
    }
  }

  @Test func `more holes than can be hashed are refused by name`() throws {
    try withTree { tree, folder in
      for (name, size) in [("a", 1 << 40), ("b", (1 << 40) - 4096), ("c", 8192)] {
        try Files.write([], to: "\(tree)/\(name)")
        // A file system that has no such files is no place for this.
        guard truncate("\(tree)/\(name)", size) == 0 else { return }
      }
      let said = refusal { _ = try commit(tree, to: folder + "/listing") }
      #expect(said.contains("more than 2 TiB"), "\(said)")
      #expect(refusal { _ = try Survey(of: tree) }.contains("more than 2 TiB"))
    }
  }

  @Test func `more names of one file than ext4 takes are refused by name`() throws {
    try withTree { tree, folder in
      try Files.write([], to: tree + "/a")
      for number in 0..<65_000 where link(tree + "/a", "\(tree)/l\(number)") != 0 {
        // The file system has said so itself.
        #expect(errno == EMLINK)
        return
      }
      let said = refusal { _ = try commit(tree, to: folder + "/listing") }
      #expect(said.contains("'/a'") && said.contains("more than 65000 hard links"), "\(said)")
    }
  }

  @Test(.enabled(if: getuid() == 0)) func `attributes of the machine's policy are not in listings`()
    throws
  {
    try withTree { tree, folder in
      try Files.write([], to: tree + "/a")
      let plain = try commit(tree, to: folder + "/listing")
      for name in ["security.selinux", "security.SMACK64", "trusted.note"] {
        let label = ExtendedAttribute(name: name, value: Array("system_u:object_r:x:s0".utf8))
        for file in ["", "/a"] { try? Files.setAttribute(label, of: tree + file) }
      }
      #expect(try commit(tree, to: folder + "/listing") == plain)
      #expect(try Survey(of: tree).listing.digest == plain)
      _ = try commit(tree, to: folder + "/listing", copy: folder + "/copy")
      #expect(try Survey(of: folder + "/copy").listing.digest == plain)
      try Files.setAttribute(ExtendedAttribute(name: "user.a", value: [1]), of: tree + "/a")
      #expect(try commit(tree, to: folder + "/listing") != plain)
    }
  }
}

/// Makes folders in folders, deeper than any path may be.
func deepen(_ root: String, _ name: String, _ count: Int) throws {
  var folder = try FileDescriptor.open(root, O_RDONLY | O_DIRECTORY)
  for _ in 0..<count {
    guard mkdirat(folder.raw, name, 0o755) == 0 else { throw Failure.system("make", name) }
    let raw = openat(folder.raw, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard raw >= 0 else { throw Failure.system("open", name) }
    folder = FileDescriptor(owning: raw)
  }
}
