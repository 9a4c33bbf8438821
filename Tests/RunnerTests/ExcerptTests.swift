import Files
import Glibc
import Runner
import TestSupport
import Testing

/// What people see of two files that differ.
@Suite struct ExcerptTests {
  @Test func `a line is short, however many marks a letter has`() throws {
    try withTemporaryDirectory { folder in
      let marks = "e" + String(repeating: "\u{301}", count: 100_000)
      for name in ["a", "b"] {
        try Files.write(Array((marks + name).utf8), to: "\(folder)/\(name)")
      }
      let excerpt = try Excerpt(of: folder + "/a", and: folder + "/b")
      #expect(excerpt.lines.count == 3)
      for line in excerpt.lines { #expect(line.unicodeScalars.count <= 121) }
    }
  }

  @Test func `what is a hole in both files is not read`() throws {
    try withTemporaryDirectory { folder in
      let end = 1 << 39
      for (name, byte) in [("a", 1), ("b", 2)] as [(String, UInt8)] {
        let file = try FileDescriptor.open("\(folder)/\(name)", O_WRONLY | O_CREAT)
        try file.write([7], at: 1 << 20)
        try file.write([byte], at: end)
      }
      let excerpt = try Excerpt(of: folder + "/a", and: folder + "/b")
      #expect(excerpt.lines == ["first differing byte: \(end)"])
      let one = try Excerpt(of: folder + "/a", and: "/dev/null")
      #expect(one.lines.first == "first differing byte: 0")
    }
  }
}
