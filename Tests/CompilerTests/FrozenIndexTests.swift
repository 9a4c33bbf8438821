import Compiler
import Files
import Glibc
import Hashing
import Model
import Processes
import TestSupport
import Testing

/// The templates, compiled from a package index that the repository holds (tools/freeze-index): what
/// they come to changes with them, and not with the mirror.
@Suite struct FrozenIndexTests {
  private static let names = ((try? Files.names(in: "\(root)/recipes")) ?? []).filter {
    $0.hasSuffix(".yml")
  }

  /// The archive that has the index, for all tests: making keys takes time.
  private static let archive = Result { try frozenArchive() }

  private static let folder = "/tmp/particle-frozen-\(getpid())"

  private static func frozenArchive() throws -> ArchiveFixture {
    try Files.makeDirectories(folder)
    atexit { try? Files.removeTree(FrozenIndexTests.folder) }
    let archive = try ArchiveFixture(in: folder)
    let packed = "\(root)/Tests/CompilerTests/Index/Packages.xz"
    let index = try Command(["xz", "--decompress", "--stdout", packed]).runChecked().output
    let stanzas = String(decoding: index, as: UTF8.self).replacing("\n\n", with: "\0")
      .split(separator: "\0")
    let indexes = ["amd64", "i386"].map { architecture in
      let own = stanzas.filter { stanza in
        ["all", architecture].contains { stanza.contains("\nArchitecture: \($0)\n") }
      }
      return (architecture, Array(own.joined(separator: "\n\n").utf8))
    }
    // All stands in the one suite; the others of a system are there, and empty.
    for (place, suite) in [
      ("debian", "trixie"), ("debian", "trixie-updates"), ("debian-security", "trixie-security"),
    ] {
      try archive.publish(
        in: place, suite: suite, components: ["main", "contrib", "non-free-firmware"],
        indexes: suite == "trixie" ? indexes : indexes.map { ($0.0, []) })
    }
    return archive
  }

  @Test(arguments: names)
  func `a template comes to the manifest that is known`(_ name: String) throws {
    let archive = try Self.archive.get()
    let settings = ResolveSettings(
      mirror: archive.mirror, cache: archive.cache, keyring: archive.keyring)
    let manifests = try (0..<2).map { _ in
      try compile("\(root)/recipes/\(name)", for: "amd64", settings)
    }
    #expect(manifests[0] == manifests[1])
    try expectGolden(
      readable(manifests[0], from: archive),
      "Tests/CompilerTests/Golden/templates/\(name.dropLast(4)).json")
  }

  /// A manifest with the names of sources in the place of their digests, and the digest of it all.
  private func readable(_ manifest: Manifest, from archive: ArchiveFixture) -> String {
    var manifest = manifest
    // The host's.
    manifest.generator = manifest.generator.mapValues { _ in "any" }
    var whole = Manifest.schema.encode(manifest)
    let text = whole.prettyText.replacing(archive.folder, with: "")
    let names = Dictionary(
      uniqueKeysWithValues: manifest.sources.map { ($0.key.description, $0.value.name) })
    whole = whole.replacing(names)
    return "\(SHA256.digest(Array(text.utf8)))\n\(whole.prettyText)"
  }
}

extension Node {
  /// With other words for some texts.
  ///
  /// Where they are keys, the values go; so does what packages say of each other, which is long and the
  /// index's.
  fileprivate func replacing(_ names: [String: String]) -> Node {
    switch value {
    case .string(let text): return .string(names[text] ?? text)
    case .list(let items): return .list(items.map { $0.replacing(names) })
    case .object(let members) where members.contains { names[$0.key] != nil }:
      return .list(members.map { names[$0.key] ?? $0.key }.sorted().map(Node.string))
    case .object(let members):
      return .object(
        members.filter { $0.key != "relations" }.map { ($0.key, $0.value.replacing(names)) })
    default: return self
    }
  }
}
