import Files
import Model
import Runner
import TestSupport
import Testing

/// Texts that fuzzing found or that it starts from (tools/fuzz); CompilerTests reads the recipes.
@Suite struct CorpusTests {
  private static let folder = Places.repository + "/Tests/Fuzzing/Corpus/manifest"
  private static let names = (try? Files.names(in: folder)) ?? []

  @Test func `there is a corpus`() { #expect(Self.names.count > 4) }

  @Test(arguments: names)
  func `a text gives a manifest or diagnostics`(_ name: String) throws {
    let text = try Files.read("\(Self.folder)/\(name)")
    do throws(Refusal) { _ = try Manifest.read(text, file: name) } catch {
      #expect(!error.diagnostics.isEmpty)
    }
  }
}
