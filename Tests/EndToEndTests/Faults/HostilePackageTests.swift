import TestSupport
import Testing

extension EndToEnd {
  /// A package that means harm, installed for real.
  @Suite(.serialized, .besideAnother) struct HostilePackage {
    @Test func `nothing that its script tries is let through`() throws {
      let recipe = Places.repository + "/Tests/EndToEndTests/Recipes/hostile.yml"
      try withTemporaryDirectory { folder in
        _ = try succeeding(["particle-compile", recipe, "-o", folder + "/hostile.json"])
        _ = try succeeding([
          "particle-run", folder + "/hostile.json", "--store", folder + "/store", "-o",
          folder + "/out",
        ])
        let said = try tool(
          ["tar", "-xOf", folder + "/out/hostile.tar", "./etc/said"], from: "tar")
        // Missing tools would be told in other words.
        let lines = said.split(separator: "\n")
        #expect(lines.count == 18, "\(said)")
        for line in lines { #expect(line.hasSuffix(": refused")) }
      }
    }
  }
}
