import Compiler
import Files
import Hashing
import Model
import TestSupport
import Testing

/// Every kind of module has a page, and what the page shows works.
@Suite struct ModulePageTests {
  static let types = moduleCatalog.map { $0.type }

  @Test func `the pages are current`() throws {
    for (name, text) in modulePages() { try expectGolden(text, "docs/modules/\(name)") }
  }

  @Test func `there are no other pages`() throws {
    #expect(Set(try Files.names(in: "\(root)/docs/modules")) == Set(modulePages().keys))
  }

  @Test(arguments: types) func `the example comes to stages`(_ type: String) throws {
    let kind = try #require(moduleCatalog.first { $0.type == type })
    try withTemporaryDirectory { folder in
      for name in try Files.names(in: "\(root)/Tests/CompilerTests/Examples") {
        try Files.makeDirectories("\(folder)/files")
        try Files.write(
          try Files.read("\(root)/Tests/CompilerTests/Examples/\(name)"),
          to: "\(folder)/files/\(name)")
      }
      let recipe =
        "version: 1\nname: example\nbase: {debian: trixie}\nimages: [{name: disk}]\nmodules:\n"
        + kind.example.split(separator: "\n", omittingEmptySubsequences: false)
        .map { "  \($0)\n" }.joined()
      let path = "\(folder)/recipe.yml"
      try Files.write(Array(recipe.utf8), to: path)
      let document: Recipe.Document
      do { document = try Recipe.read(path) } catch let error as Refusal {
        let report = Report(colour: false)
        Issue.record("\(report.text(error.diagnostics) { try? Files.readText($0) })")
        return
      }
      let manifest = lower(
        document.recipe, digest: SHA256.digest(document.bytes),
        with: LoweringTests.lock(document.contents, kernel: true, tools: true), for: .amd64)
      let usual = ["debian.root", "debian.packages"]
      let own = manifest.pipelines.filter { $0.name == "os" }.flatMap(\.stages)
        .filter { !usual.contains($0.type) }
      #expect(own.isEmpty == (type == "packages"))
    }
  }

  @Test func `the catalog has no type twice, and each a sentence`() {
    #expect(Set(Self.types).count == Self.types.count)
    for kind in moduleCatalog { #expect(kind.summary.hasSuffix("."), "\(kind.type)") }
  }
}
