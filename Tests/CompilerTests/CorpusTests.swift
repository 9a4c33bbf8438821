import Compiler
import Files
import Model
import TestSupport
import Testing

/// Texts that fuzzing found or that it starts from (tools/fuzz); RunnerTests reads the manifests.
@Suite struct CorpusTests {
  private static let folder = Places.repository + "/Tests/Fuzzing/Corpus/recipe"
  private static let names = (try? Files.names(in: folder)) ?? []

  @Test func `there is a corpus`() { #expect(Self.names.count > 10) }

  @Test(arguments: names)
  func `a text gives a recipe or diagnostics with places`(_ name: String) throws {
    do throws(Refusal) { _ = try Recipe.read("\(Self.folder)/\(name)", for: "amd64") } catch {
      #expect(!error.diagnostics.isEmpty)
      for diagnostic in error.diagnostics {
        #expect(diagnostic.mark != nil || !diagnostic.path.isEmpty, "\(diagnostic.problem)")
      }
    }
  }
}
