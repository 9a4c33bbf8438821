import Files
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// A system with every kind of module: what the tree's own programs say of it.
  @Suite(.serialized, .besideAnother, .removing("modules")) struct Modules {
    private static let recipe = Places.repository + "/Tests/EndToEndTests/Recipes/modules.yml"
    static let place = Result { () throws(Failure) in
      try Chain.shared.get().first.separate(in: "modules")
    }

    static let built = Result { () throws(Failure) -> String in
      let place = try Modules.place.get()
      // Its last module asks sshd, visudo, nft and the others in the tree, and fails where one objects.
      _ = try succeeding([
        "particle", "build", recipe, "-o", place.out, "--store", place.store, "--quiet",
      ])
      return place.out
    }

    @Test func `The programs in the tree take what the modules wrote`() throws {
      #expect(try size(of: Self.built.get() + "/disk.raw") == 3 << 30)
    }

    @Test func `What the modules' pages show can be built`() throws {
      let place = try Self.place.get()
      let folder = place.out + "/shown"
      try Files.makeDirectories(folder)
      try tool(
        ["cp", "-r", Places.repository + "/Tests/CompilerTests/Examples", folder + "/files"],
        from: "coreutils")
      var recipe = """
        version: 1
        name: shown
        base: {debian: trixie}
        images: [{name: shown, formats: [raw]}]
        modules:
          - {type: packages, install: [systemd-sysv]}

        """
      let pages = Places.repository + "/docs/modules"
      // A repository and a registry that there are not; apt-sources only writes about the first.
      for page in try Files.names(in: pages).sorted()
      where !["README.md", "packages.md", "containers.md"].contains(page) {
        let text = try Files.readText("\(pages)/\(page)")
        // Further examples are without `modules:`, and not indented.
        let blocks = text.split(separator: "```yaml\n").dropFirst()
        #expect(blocks.first?.hasPrefix("modules:\n") == true, "\(page)")
        for block in blocks {
          let lines = try #require(block.firstRange(of: "```"), "\(page)").lowerBound
          let example = block[..<lines]
          guard !example.hasPrefix("modules:\n") else {
            recipe += String(example.dropFirst("modules:\n".count))
            continue
          }
          for line in example.split(separator: "\n") { recipe += "  \(line)\n" }
        }
      }
      try Files.write(
        Array(recipe.replacing("HOST", with: "archive.example").utf8), to: folder + "/shown.yml")
      _ = try succeeding([
        "particle", "build", folder + "/shown.yml", "-o", folder, "--store", place.store, "--quiet",
      ])
      #expect(try size(of: folder + "/shown.raw") > 0)
    }

    @Test func `A module that no kernel has is refused before there is an initramfs`() throws {
      let place = try Self.place.get()
      let built = try particle([
        "particle", "build", Self.recipe, "--set", "driver=virtio_balloom", "-o",
        place.out + "/misspelt", "--store", place.store, "--quiet",
      ])
      #expect(built.ending == .exit(1), "\(built.said)")
      #expect(
        built.errors.contains("cannot load the kernel module 'virtio_balloom': no kernel"),
        "\(built.said)")
    }

    @Test func `The manifest stays beside the disk, and does not differ from itself`() throws {
      let manifest = try Self.built.get() + "/manifest.json"
      let same = try particle(["particle", "diff", manifest, manifest])
      #expect(same.ending == .exit(0) && same.output.isEmpty, "\(same.said)")
      let minimal =
        Places.repository + "/Tests/CompilerTests/Golden/minimal.manifest.json"
      let other = try particle(["particle", "diff", manifest, minimal])
      #expect(other.ending == .exit(1), "\(other.said)")
    }
  }
}
