import Compiler
import Files
import Hashing
import Model
import StageContracts
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

  /// The manifest of a recipe with these modules, which can name the files of `Examples`.
  private func lowered(_ modules: String) throws -> Manifest {
    try withTemporaryDirectory { folder in
      try Files.makeDirectories("\(folder)/files")
      for name in try Files.names(in: "\(root)/Tests/CompilerTests/Examples") {
        try Files.write(
          try Files.read("\(root)/Tests/CompilerTests/Examples/\(name)"),
          to: "\(folder)/files/\(name)")
      }
      let recipe =
        "version: 1\nname: example\nbase: {debian: trixie}\n"
        + "images: [{name: disk, bootloader-updates: false}]\nmodules:\n"
        + modules.split(separator: "\n", omittingEmptySubsequences: false)
        .map { "  \($0)\n" }.joined()
      let path = "\(folder)/recipe.yml"
      try Files.write(Array(recipe.utf8), to: path)
      do {
        let document = try Recipe.read(path)
        var contents = document.contents
        for container in document.recipe.modules.flatMap(\.value.containers) {
          contents.images[container.value.name] = Self.found(container.value)
        }
        return lower(
          document.recipe, digest: SHA256.digest(document.bytes),
          with: LoweringTests.lock(contents), for: .amd64)
      } catch let error as Refusal {
        let report = Report(colour: false)
        Issue.record("\(report.text(error.diagnostics) { try? Files.readText($0) })")
        throw error
      }
    }
  }

  /// An image of one layer, whose documents and layer are nothing but texts.
  private static func found(_ image: NamedImage) -> StoredImage {
    let blobs = ["manifest", "configuration", "layer"].map { what in
      let digest = SHA256.digest(Array("\(what) of \(image.name)".utf8))
      let url = "https://registry.example/v2/\(digest)"
      return ContainerImage.Layer(
        digest: digest,
        source: .download(Source.Download(name: digest.hex, size: 1, urls: [url])))
    }
    return StoredImage(
      reference: image.image.text,
      stored: ContainerStore.Image(
        name: image.name, manifest: blobs[0].digest, configuration: blobs[1].digest,
        created: Timestamp(seconds: 1_700_000_000),
        layers: [
          ContainerStore.Layer(
            blob: blobs[2].digest, archive: SHA256.digest(Array("archive".utf8)))
        ]), blobs: blobs)
  }

  /// What is not on a page, beside the examples.
  static let further = [
    "network-manager": """
    - type: network
      manager: networkmanager
      interfaces:
        - {name: wired, match: "en*", dhcp: true, mtu: 1400}
        - name: backend
          match: eth1
          mac: "52:54:00:12:34:57"
          addresses: [192.0.2.10/24, "2001:db8::10/64"]
          gateways: [192.0.2.1, "2001:db8::1"]
          dns-servers: [192.0.2.53, "2001:db8::53"]
          search-domains: [example.org]
    """,
    "users-groups": """
    - type: users
      groups: [{name: shared}, {name: fixed, gid: 700}, {name: further}]
      users:
        - {name: ada, group: shared, uid: 1000}
        - {name: shared}
        - {name: service, system: true}
    """,
    "firewall-ruleset": """
    - type: firewall
      ruleset: |
        flush ruleset
    """,
  ]

  @Test(arguments: types + further.keys.sorted())
  func `the example comes to these stages`(_ name: String) throws {
    let example = try #require(
      Self.further[name] ?? moduleCatalog.first { $0.type == name }?.example)
    var without = try lowered("[]")
    without.sources = [:]
    let difference = ManifestDifference(from: without, to: try lowered(example))
    let stages = difference.settings.filter { $0.pipeline != "build" }.map { change in
      "\(change.pipeline): \(change.stage) \(change.option)\n"
        + plain(change.new ?? Node(.null), indent: "  ")
    }
    #expect(stages.isEmpty == (name == "packages"))
    try expectGolden(
      stages.joined(separator: "\n"), "Tests/CompilerTests/Golden/modules/\(name).txt")
  }

  /// A value for reading: a member a line, texts of several lines as they are.
  private func plain(_ node: Node, indent: String) -> String {
    switch node.value {
    case .object(let members):
      members.map { "\(indent)\($0.key):\n" + plain($0.value, indent: indent + "  ") }.joined()
    case .list(let items):
      items.map { "\(indent)-\n" + plain($0, indent: indent + "  ") }.joined()
    case .string(let text):
      text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.isEmpty ? "\n" : "\(indent)\($0)\n" }.joined()
    default: "\(indent)\(String(decoding: node.canonicalBytes, as: UTF8.self))\n"
    }
  }

  @Test func `the catalog has no type twice, and each a sentence`() {
    #expect(Set(Self.types).count == Self.types.count)
    for kind in moduleCatalog { #expect(kind.summary.hasSuffix("."), "\(kind.type)") }
  }
}
