import Files
import Glibc
import Model
import TestSupport
import Testing
import Trees

/// One digest is one file, for whoever looks for its holes and its times, too.
@Suite struct HoleTests {
  private func commit(_ tree: String, in folder: String, copy: String? = nil) throws -> Digest {
    let commit = try Commit(
      changes: tree, epoch: Timestamp(seconds: 1_700_000_000),
      interval: 1_800_000_000...1_800_000_001)
    if let copy { try Files.makeDirectories(copy) }
    return try commit.run(copyingTo: copy, listing: folder + "/listing")
  }

  /// Where a file has data.
  private func data(of path: String) throws -> [Range<Int>] {
    let file = try FileDescriptor.open(path, O_RDONLY)
    let end = try file.size()
    var found: [Range<Int>] = []
    var position = 0
    while position < end, let start = file.nextData(from: position), start < end {
      // SEEK_HOLE of lseek(2).
      position = min(end, lseek(file.raw, start, 4))
      found.append(start..<position)
    }
    return found
  }

  /// Two blocks, two of zeros, one, and another of zeros that is not whole.
  private static let content =
    [UInt8](repeating: 1, count: 8192) + [UInt8](repeating: 0, count: 8192)
    + [UInt8](repeating: 2, count: 4096) + [UInt8](repeating: 0, count: 100)

  @Test(arguments: [false, true])
  func `blocks of zeros are holes, however they were written`(copies: Bool) throws {
    try withTemporaryDirectory { folder in
      var digests: Set<Digest> = []
      for name in ["written", "sparse"] {
        let tree = "\(folder)/\(name)"
        try Files.makeDirectories(tree)
        let file = try FileDescriptor.open(tree + "/f", O_WRONLY | O_CREAT)
        if name == "written" {
          try file.write(Self.content)
        } else {
          try file.write(Array(Self.content[..<8192]), at: 0)
          try file.write(Array(Self.content[16384..<20480]), at: 16384)
          try file.setSize(Self.content.count)
        }
        let copy = copies ? tree + "-copy" : nil
        digests.insert(try commit(tree, in: folder, copy: copy))
        #expect(try Files.read((copy ?? tree) + "/f") == Self.content)
        #expect(try data(of: (copy ?? tree) + "/f") == [0..<8192, 16384..<20480], "\(name)")
      }
      #expect(digests.count == 1)
    }
  }

  @Test func `a program with zeros keeps its set-user-id bit and its capabilities`() throws {
    try withTemporaryDirectory { folder in
      let tree = folder + "/tree"
      try Files.makeDirectories(tree)
      try Files.write(Self.content, to: tree + "/f", mode: 0o4755)
      let place = try OpenTree(tree).place("f")
      // Version 2 of linux/capability.h: cap_net_raw, permitted and effective.
      var words: [UInt8] = [1, 0, 0, 2, 0, 0x20, 0, 0]
      words += [UInt8](repeating: 0, count: 12)
      if geteuid() == 0 {
        try place.setAttribute(ExtendedAttribute(name: "security.capability", value: words))
        try place.setMode(0o4755)
      }
      let before = try place.attributes()
      let digest = try commit(tree, in: folder)
      #expect(try data(of: tree + "/f").count == 2)
      #expect(try Files.information(tree + "/f").st_mode & 0o7777 == 0o4755)
      #expect(try place.attributes() == before)
      #expect(try Survey(of: tree).listing.digest == digest)
    }
  }

  @Test func `whoever hashes a layer leaves no time of access`() throws {
    try withTemporaryDirectory { folder in
      let tree = folder + "/tree"
      try Files.makeDirectories(tree)
      try Files.write(Self.content, to: tree + "/f")
      _ = try commit(tree, in: folder)
      _ = try commit(tree, in: folder, copy: folder + "/copy")
      _ = try Survey(of: tree)
      for path in [tree, tree + "/f"] {
        let info = try Files.information(path)
        #expect(info.st_atim.tv_sec == 1_700_000_000, "\(path)")
      }
    }
  }
}
