import Files
import Model
import TestSupport
import Testing

/// The recipes that people begin with.
@Suite struct TemplateTests {
  private static let names = (try? Files.names(in: Places.repository + "/recipes")) ?? []

  @Test(arguments: names.filter { $0.hasSuffix(".yml") })
  func `a template is right, and always comes to the same manifest`(_ name: String) throws {
    let manifests = try (0..<2).map { _ in
      Manifest.schema.encode(try LoweringTests.lowered("recipes/\(name)")).prettyText
    }
    #expect(manifests[0] == manifests[1])
    // Its name is what `particle list templates` shows and `particle init` takes.
    #expect(manifests[0].contains("\"name\": \"\(name.dropLast(4))\""))
  }

  @Test func `there are templates`() { #expect(Self.names.count > 10) }
}
