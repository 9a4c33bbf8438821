import Compiler
import Files
import Hashing
import JSON
import Model
import TestSupport
import Testing

@Suite struct LoweringTests {
  /// A package that is made up.
  static func package(_ name: String, version: String = "1.0-1") -> Package {
    Package(
      name: name, version: version, architecture: "amd64",
      file: "\(name)_\(version.replacing(":", with: "%3a"))_amd64.deb",
      size: name.utf8.count * 1000,
      digest: SHA256.digest(Array("\(name) \(version)".utf8)),
      url: "https://mirror.example/debian/pool/\(name)_\(version)_amd64.deb")
  }

  static func set(_ names: [String], requested: Set<String>) -> PackageSet {
    PackageSet(
      packages: names.map { package($0, version: $0 == "zstd" ? "1:1.5-2" : "1.0-1") },
      configureOrder: names.reversed(), essential: ["libc6", "base-files", "bash"],
      requested: requested)
  }

  static func lock(_ contents: Contents, kernel: Bool = true, tools: Bool = true) -> Lock {
    let names = ["libc6", "base-files", "bash", "zstd"] + (kernel ? ["linux-image-6.12"] : [])
    return Lock(
      system: set(names, requested: ["linux-image-6.12"]),
      tools: tools ? set(["libc6", "base-files", "bash", "mtools"], requested: ["mtools"]) : nil,
      contents: contents, released: Timestamp(seconds: 1_790_000_000), resolvers: ["apt": "3.0.3"])
  }

  static func lowered(_ path: String, kernel: Bool = true, tools: Bool = true) throws -> Manifest {
    let document = try Recipe.read("\(root)/\(path)")
    return lower(
      document.recipe, digest: SHA256.digest(document.bytes),
      with: lock(document.contents, kernel: kernel, tools: tools), for: .amd64)
  }

  @Test func `lowers every format`() throws {
    let manifest = try Self.lowered("Tests/CompilerTests/Golden/formats.yml")
    try expectGolden(
      Manifest.schema.encode(manifest).prettyText,
      "Tests/CompilerTests/Golden/formats.manifest.json")
    // The disk and the tree are made once, and all the formats read them.
    let pipelines = manifest.pipelines
    #expect(pipelines.count { $0.name.hasSuffix(".raw") } == 2)
    #expect(pipelines.count { $0.name == "system" } == 1)
    #expect(manifest.exports.count == 25)
  }

  @Test func `lowers systems that OSTree deploys`() throws {
    let manifest = try Self.lowered("Tests/CompilerTests/Golden/ostree.yml")
    try expectGolden(
      Manifest.schema.encode(manifest).prettyText,
      "Tests/CompilerTests/Golden/ostree.manifest.json")
    #expect(
      Set(manifest.exports.keys) == [
        "disk.ostree", "disk.qcow2", "plain.tar", "repository.ostree",
      ])
    let initramfs = manifest.pipelines.flatMap(\.stages).filter { $0.type == "initramfs" }
    #expect(initramfs.count == 3)
    for stage in initramfs { #expect(stage.options["generator"] == .string("dracut")) }
  }

  @Test func `the page of formats has them all, as the code says them`() throws {
    let page = try Files.readText("\(root)/docs/images.md")
    for format in Image.Format.allCases {
      #expect(page.contains("| `\(format.rawValue)` | \(format.summary) |"), "\(format.rawValue)")
    }
  }

  @Test(arguments: ["minimal"]) func `lowers a recipe to its golden manifest`(_ name: String) throws
  {
    let manifest = try Self.lowered("recipes/\(name).yml")
    try expectGolden(
      Manifest.schema.encode(manifest).prettyText,
      "Tests/CompilerTests/Golden/\(name).manifest.json")
  }

  @Test func `lowers every module, and no image to a tar archive`() throws {
    let manifest = try Self.lowered(
      "Tests/CompilerTests/Golden/everything.yml", kernel: false, tools: false)
    try expectGolden(
      Manifest.schema.encode(manifest).prettyText,
      "Tests/CompilerTests/Golden/everything.manifest.json")
    #expect(manifest.exports.keys.sorted() == ["everything.tar"])
  }

  @Test func `a manifest reads back as it was written`() throws {
    let manifest = try Self.lowered("recipes/minimal.yml")
    let bytes = Manifest.schema.encode(manifest).prettyBytes
    let read = try JSON.decode(Manifest.schema, from: bytes, file: "manifest.json").get()
    let isSame = Manifest.schema.encode(read).prettyBytes == bytes
    #expect(isSame)
  }

  @Test func `pipelines come after those they need`() throws {
    var known: Set<String> = []
    for pipeline in try Self.lowered("recipes/minimal.yml").pipelines {
      var needs = [pipeline.build, pipeline.base].compactMap { $0 }
      for input in pipeline.stages.flatMap(\.inputs.values) {
        if case .pipeline(let name) = input { needs.append(name) }
      }
      #expect(known.isSuperset(of: needs), "\(pipeline.name)")
      known.insert(pipeline.name)
    }
  }

  @Test func `every source of a stage is among the sources, and no other is`() throws {
    let manifest = try Self.lowered("recipes/minimal.yml")
    var used: Set<Digest> = []
    for input in manifest.pipelines.flatMap(\.stages).flatMap(\.inputs.values) {
      if case .sources(let digests) = input { used.formUnion(digests) }
    }
    #expect(used == Set(manifest.sources.keys))
  }

  @Test func `a template is filled in, and another value makes another file`() throws {
    try withTemporaryDirectory { folder in
      let files = [
        "recipe.yml": """
        version: 1
        name: filled
        base: {debian: trixie}
        variables: {port: 8080, name: {type: text}}
        modules:
          - type: files
            files:
              - {source: app.conf, destination: /etc/app.conf, template: true}
              - {source: app.conf, destination: /etc/app.example}
        """,
        "app.conf": "${{ port }}\nname=\"${{ name }}\" $HOME $${{ port }}",
      ]
      for (name, text) in files { try Files.write(Array(text.utf8), to: "\(folder)/\(name)") }
      func texts(_ name: String) throws -> Set<String> {
        let document = try Recipe.read(
          "\(folder)/recipe.yml", for: nil, [try #require(Setting("name=\(name)"))])
        let module = try #require(document.recipe.modules.first?.value as? FilesModule)
        return Set(module.contents.map { $0.text(document.contents) })
      }
      #expect(
        try texts("a b") == ["8080\nname=\"a b\" $HOME ${{ port }}", files["app.conf"] ?? ""])
      #expect(try texts("c") != texts("d"))
    }
  }

  @Test func `ids do not change with mirrors`() throws {
    let document = try Recipe.read("\(root)/recipes/minimal.yml")
    var lock = Self.lock(document.contents)
    let digest = SHA256.digest(document.bytes)
    let here = lower(document.recipe, digest: digest, with: lock, for: .amd64)
    for index in lock.system.packages.indices {
      let package = lock.system.packages[index]
      lock.system.packages[index].source = .download(
        Source.Download(
          name: package.file, size: package.size, urls: ["https://other.example/\(index)"]))
    }
    let there = lower(document.recipe, digest: digest, with: lock, for: .amd64)
    #expect(here != there)
    #expect(here.pipelines == there.pipelines)
  }

  @Test func `the demonstration password is the documented one`() throws {
    let text = try Files.readText("\(root)/recipes/minimal.yml")
    #expect(text.contains("$6$particle$") && text.contains("`particle`"))
  }
}
