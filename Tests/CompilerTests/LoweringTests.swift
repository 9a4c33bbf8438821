import Compiler
import Files
import Hashing
import JSON
import Model
import Processes
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
    #expect(manifest.exports.count == 26)
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
    let recipes = try Files.readText("\(root)/docs/recipe.md").split(separator: "\n")
    let row = try #require(recipes.first { $0.hasPrefix("| `formats` |") })
    for format in Image.Format.all {
      #expect(row.contains("`\(format.name)`"), "\(format.name)")
      #expect(page.contains("| `\(format.name)` | \(format.summary) |"), "\(format.name)")
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

  @Test(arguments: [
    ("mount: /boot/firmware, filesystem: vfat", "type=data type-id=none"),
    (
      "mount: /data, type-id: ABCDEF01-0000-4000-8000-000000000001",
      "type=linux type-id=abcdef01-0000-4000-8000-000000000001"
    ), ("mount: /usr", "type=linux type-id=none"),
  ])
  func `a partition's type is by its content, or as it says`(_ keys: String, _ type: String) throws
  {
    let disk = try Self.stage(
      "disk",
      of: """
        images:
          - name: disk
            bootloader: none
            partitions:
              - {\(keys), size: 1GiB}
              - {mount: /, grow: true}
        """)
    guard case .list(let partitions) = disk["partitions"]?.value else {
      Issue.record("no partitions")
      return
    }
    func word(_ key: String) -> String {
      if case .string(let text) = partitions[0][key]?.value { text } else { "none" }
    }
    #expect("type=\(word("type")) type-id=\(word("type-id"))" == type)
  }

  @Test func `fstab has options that every program that mounts knows`() throws {
    let fstab = try Self.stage(
      "fstab",
      of: """
        images:
          - name: disk
            bootloader: none
            partitions:
              - {mount: /usr, size: 1GiB}
              - {mount: /boot/firmware, filesystem: vfat, size: 1GiB}
              - {mount: /}
        """)
    guard case .list(let mounts) = fstab["mounts"]?.value else { return }
    #expect(
      mounts.compactMap { $0["options"] } == [
        .string("errors=remount-ro"), .string("defaults"), .string("defaults"),
      ])
  }

  @Test(arguments: [
    ("{name: a}", ["grub-cloud-amd64", "grub-efi-amd64-signed", "shim-signed"]),
    ("{name: a, firmware: [bios]}", ["grub-pc"]),
    (
      "{name: a, firmware: [uefi]}", ["grub-efi-amd64", "grub-efi-amd64-signed", "shim-signed"]
    ),
    (
      "{name: a, bootloader: systemd-boot}",
      ["systemd-boot", "efibootmgr", "systemd-boot-efi-amd64-signed", "shim-signed"]
    ),
    ("{name: a, bootloader: syslinux}", []), ("{name: a, bootloader-updates: false}", []),
    ("{name: a, formats: [tar]}", []), ("{name: a, formats: [iso]}", []),
    ("{name: a, bootloader: none}", []),
    (
      "{name: a, bootloader: systemd-boot, partitions: [{type: esp}, {mount: /, filesystem: erofs}]}",
      []
    ),
  ])
  func `a disk's system has what keeps its boot loader current`(
    _ image: String, _ packages: [String]
  ) throws {
    let recipe = try Self.recipe("images: [\(image)]").recipe
    #expect(recipe.bootPackages(on: .amd64) == packages)
  }

  @Test func `a recipe that names GRUB's package gets no other`() throws {
    let recipe = try Self.recipe(
      "images: [{name: a}]", modules: "[{type: packages, install: [grub-pc]}]"
    ).recipe
    #expect(recipe.bootPackages(on: .amd64) == ["shim-signed"])
  }

  @Test func `update-grub gets what the recipe says, as the shell and GRUB read it`() throws {
    let text = try Self.placed(
      "/etc/default/grub.d/10-particle.cfg",
      of: """
        images:
          - {name: a, timeout: 3, command-line: 'ds=nocloud;s=x "say=it is" console=ttyS0'}
        """)
    let said = try Command(
      ["sh", "-c", text + "echo \"$GRUB_CMDLINE_LINUX|$GRUB_TIMEOUT|$GRUB_TERMINAL\""]
    ).runChecked().output
    #expect(
      String(decoding: said, as: UTF8.self)
        == "'ds=nocloud;s=x' 'say=it is' console=ttyS0|3|console serial\n")
  }

  @Test func `kernel-install gets what the recipe says`() throws {
    let text = try Self.placed(
      "/etc/kernel/cmdline",
      of: "images: [{name: a, bootloader: systemd-boot, command-line: 'price=$5'}]")
    #expect(text.hasPrefix("root=UUID=") && text.hasSuffix(" ro price=$5\n"))
  }

  /// The text of a file that a recipe's images have put into their tree.
  static func placed(_ path: String, of images: String) throws -> String {
    let document = try recipe(images)
    let manifest = lower(
      document.recipe, digest: SHA256.digest(document.bytes), with: lock(document.contents),
      for: .amd64)
    for stage in manifest.pipelines.flatMap(\.stages) where stage.type == "files" {
      guard case .list(let files) = stage.options["files"]?.value,
        let file = files.first(where: { $0["destination"] == .string(path) }),
        case .string(let name) = file["source"]?.value
      else { continue }
      for case .inline(let source) in manifest.sources.values where source.name == name {
        let decode = Command(["base64", "--decode"], input: Array(source.inline.utf8))
        return String(decoding: try decode.runChecked().output, as: UTF8.self)
      }
    }
    Issue.record("no \(path)")
    return ""
  }

  static func recipe(_ images: String, modules: String = "[]") throws -> Recipe.Document {
    try withTemporaryDirectory { folder in
      let text = "version: 1\nname: x\nbase: {debian: trixie}\nmodules: \(modules)\n" + images
      try Files.write(Array(text.utf8), to: "\(folder)/recipe.yml")
      return try Recipe.read("\(folder)/recipe.yml")
    }
  }

  /// The options of the first stage of a type that a recipe comes to.
  static func stage(_ type: String, of images: String) throws -> Node {
    let document = try recipe(images)
    let manifest = lower(
      document.recipe, digest: SHA256.digest(document.bytes), with: lock(document.contents),
      for: .amd64)
    return try #require(manifest.pipelines.flatMap(\.stages).first { $0.type == type }).options
  }

  @Test func `a stage knows where the recipe asks for it, the same in every checkout`() throws {
    func manifest(_ place: String, moved: Bool = false) throws -> Manifest {
      let folder = place + "/recipes"
      try Files.makeDirectories(folder + "/common")
      for name in ["web.yml", "common/system.yml", "common/administrator.yml", "common/server.yml"]
      {
        let text = try Files.readText("\(root)/recipes/\(name)")
        try Files.write(Array(((moved ? "\n\n" : "") + text).utf8), to: "\(folder)/\(name)")
      }
      let document = try Recipe.read(folder + "/web.yml", allowing: [place])
      return lower(
        document.recipe, digest: SHA256.digest([]), with: Self.lock(document.contents), for: .amd64)
    }
    try withTemporaryDirectory { folder in
      let here = try manifest(folder)
      let there = try manifest(folder + "/a/longer/path")
      #expect(
        Manifest.schema.encode(here).prettyText == Manifest.schema.encode(there).prettyText)
      let os = try #require(here.pipelines.first { $0.name == "os" }).stages
      #expect(os.first?.origin?.description == "web.yml:5 base")
      let timezone = try #require(os.first { $0.type == "timezone" })
      #expect(timezone.origin?.description == "common/system.yml:6 timezone")
      let moved = try manifest(folder + "/moved", moved: true)
      let line = moved.pipelines.flatMap(\.stages).first { $0.type == "timezone" }?.origin?.line
      #expect(line == 8)
      #expect(moved.pipelines == here.pipelines)
      #expect(ManifestDifference(from: here, to: moved).isEmpty)
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
