import Hashing
import JSON
import Model
import Testing

@Suite struct ManifestTests {
  static let manifest: Manifest = {
    let deb = SHA256.digest([1])
    let stage = Stage(
      id: SHA256.digest([2]), type: "hostname", version: 1,
      options: .object([("name", .string("a"))]),
      inputs: ["packages": .sources([deb]), "tree": .pipeline("os")])
    return Manifest(
      generator: ["apt": "3.0.3"],
      recipe: Manifest.RecipeReference(name: "r", digest: SHA256.digest([3])),
      architecture: .amd64, epoch: Timestamp(seconds: 1_790_000_000),
      sources: [
        deb: .download(Source.Download(name: "a.deb", size: 3, urls: ["https://mirror.example/a"])),
        SHA256.digest([]): .inline(Source.Inline(name: "empty", inline: "")),
      ],
      pipelines: [Pipeline(name: "p", build: "build", base: "os", stages: [stage])],
      exports: ["a.raw": Manifest.Export(pipeline: "p", path: "/a.raw")])
  }()

  @Test func `reads back as it was written`() throws {
    let bytes = Manifest.schema.encode(Self.manifest).prettyBytes
    #expect(try JSON.decode(Manifest.schema, from: bytes, file: "m").get() == Self.manifest)
  }

  @Test(arguments: [
    ("version", Node.integer(2), "unsupported manifest version 2"),
    ("architecture", .string("mips"), "the string 'mips' is not allowed here"),
    ("epoch", .string("now"), "'now' is not a valid time"),
    ("sources", .object([("sha1:00", .object([]))]), "'size' is missing"),
    ("pipelines", .object([]), "expected a list, found a mapping"),
  ])
  func `refuses what is wrong`(_ key: String, _ value: Node, _ problem: String) throws {
    guard case .object(var members) = Manifest.schema.encode(Self.manifest).value else { return }
    let index = try #require(members.firstIndex { $0.key == key })
    members[index].value = value
    var problems = Problems()
    #expect(Manifest.schema.decode(Node(.object(members)), &problems) == nil)
    #expect(problems.diagnostics.map(\.problem).contains(problem))
  }
}
