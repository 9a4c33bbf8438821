import Compiler
import Files
import Model
import TestSupport
import Testing

@Suite struct IncludeTests {
  /// What is said of a recipe that includes files, each of which is made of lines.
  private func said(_ files: [String: [String]]) throws -> [String] {
    try withTemporaryDirectory { folder in
      for (name, lines) in files {
        try Files.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: "\(folder)/\(name)")
      }
      let start = "version: 1\nname: r\nbase: {debian: trixie}\nmodules:\n- from-file: e0.yml\n"
      try Files.write(Array(start.utf8), to: folder + "/r.yml")
      let refusal = #expect(throws: Refusal.self) { try Recipe.read(folder + "/r.yml") }
      return refusal?.diagnostics.map(\.problem) ?? []
    }
  }

  @Test func `files that include each other ten times each come to an end`() throws {
    var files = ["e10.yml": ["[]"]]
    for level in 0..<10 {
      files["e\(level).yml"] = Array(repeating: "- from-file: e\(level + 1).yml", count: 10)
    }
    #expect(try said(files) == ["files are included more than 1000 times in total"])
  }

  @Test func `a long chain of includes is not called a cycle`() throws {
    var files = ["e40.yml": ["[]"]]
    for level in 0..<40 { files["e\(level).yml"] = ["- from-file: e\(level + 1).yml"] }
    #expect(try said(files) == ["the file 'e15.yml' is included more than 15 files deep"])
  }
}
