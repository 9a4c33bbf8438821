import Compiler
import Files
import Glibc
import Model
import Processes
import StageContracts
import TestSupport
import Testing

/// Container images as bases, with a real registry, real skopeo and real apt.
@Suite(.serialized) struct ContainerTests {
  private func packages(_ manifest: Manifest) throws -> DebianPackages {
    let stage = try #require(manifest.pipelines[0].stages.first { $0.type == DebianPackages.name })
    var problems = Problems()
    return try #require(DebianPackages.schema.decode(stage.options, &problems))
  }

  private func layers(_ manifest: Manifest) throws -> [Digest] {
    let stage = try #require(manifest.pipelines[0].stages.first)
    #expect(stage.type == ContainerRoot.name)
    guard case .sources(let digests) = stage.inputs["layers"] else { return [] }
    return digests
  }

  @Test func `an image of a registry is locked with its layers, and packages come on top`() throws {
    try withScene { scene in
      try Registry.with(in: scene.archive.folder) { registry in
        let image = try scene.images.make("debian", [ImageFixture.debian, ["etc/more": "x"]])
        try registry.push(image, as: "debian:stable")
        let name = "\(registry.address)/debian:stable"
        let recipe = try scene.recipe("docker://\(name)", "hello, apt")
        let manifest = try scene.compiled(recipe)

        let seen = try Command(["skopeo", "inspect", "--tls-verify=false", "docker://\(name)"])
          .runChecked().text
        let known = try #require(manifest.lock?.container)
        #expect(seen.contains("\"Digest\": \"\(known.manifest)\""))
        #expect(known.process.command == ["/bin/it"])
        #expect(known.process.environment["A"] == "b=c")
        #expect(known.process.labels == ["what": "it"])
        #expect(manifest.epoch.description == "2025-09-10T11:12:13Z")
        let found = try layers(manifest)
        #expect(found.count == 2)
        for layer in found {
          #expect(seen.contains(layer.description))
          guard case .download(let source) = manifest.sources[layer] else { continue }
          #expect(source.urls == ["http://\(registry.address)/v2/debian/blobs/\(layer)"])
          #expect(try Files.information(registry.path(ofBlob: layer.hex)).st_size == source.size)
        }

        // What is there stays, what excludes the new goes, and what is not new enough is replaced.
        let stage = try packages(manifest)
        #expect(stage.extract.isEmpty)
        #expect(
          stage.installed.map { "\($0.package) \($0.version)" } == [
            "apt 1.0-1", "base-files 1.0-1", "greeting 1:1.0-1", "hello 1.0-1", "libc6 1.0-1",
          ])
        #expect(stage.steps.first == .remove(["quarrel:amd64"]))
        #expect(stage.steps.count == 3)
        #expect(stage.automatic == ["greeting", "libc6"])
        #expect(!manifest.sources.values.contains { $0.name.hasPrefix("libc6_") })

        // From what was found before, without the registry's tag.
        let offline = try scene.compiled(recipe, offline: true)
        #expect(bytes(offline) == bytes(manifest))
      }
    }
  }

  @Test func `packages of another architecture come on top of an image`() throws {
    try withScene { scene in
      let same = ("libc6", "2.0-1", "Multi-Arch: same")
      for (place, suite) in [
        ("debian", "trixie"), ("debian", "trixie-updates"),
        ("debian-security", "trixie-security"),
      ] {
        try scene.archive.publish(
          [same, ("hello", "2.0-1", "Depends: libc6")], in: place, suite: suite)
      }
      // One that has packages of both already, and one that has none.
      let libc = ["amd64", "i386"].map {
        ImageFixture.installed("libc6", "1.0-1", "Multi-Arch: same", architecture: $0)
      }
      var both = ImageFixture.debian
      both["var/lib/dpkg/status"] = libc.joined(separator: "\n")
      both["var/lib/apt/extended_states"] =
        "Package: libc6\nArchitecture: i386\nAuto-Installed: 1\n"
      let declared = "foreign-architectures: [i386]"
      let image = try scene.images.make("both", [both])
      let recipe = try scene.recipe(image, "\"hello:i386\", libc6", base: declared)
      let manifest = try scene.compiled(recipe)
      let stage = try packages(manifest)
      #expect(stage.foreign == ["i386"])
      #expect(
        stage.installed.map { "\($0.package):\($0.architecture) \($0.version)" } == [
          "hello:i386 2.0-1", "libc6:amd64 2.0-1", "libc6:i386 2.0-1",
        ])
      #expect(stage.automatic == ["libc6:i386"])
      guard case .configure(let names)? = stage.steps.last else {
        Issue.record("\(stage.steps)")
        return
      }
      #expect(names.sorted() == ["hello:i386", "libc6:amd64", "libc6:i386"])
      let again = try scene.compiled(recipe, lock: manifest)
      #expect(bytes(again) == bytes(manifest))

      let plain = try scene.images.make("plain", [ImageFixture.debian])
      let alone = try packages(scene.compiled(try scene.recipe(plain, base: declared)))
      #expect(alone.foreign == ["i386"] && alone.steps.isEmpty)

      let other = try scene.images.make(
        "other", [["usr/lib/os-release": "PRETTY_NAME=Other\nID=other\n"]])
      #expect(
        scene.refusal(try scene.recipe(other, base: declared)) == [
          "7:27: foreign architectures are not possible: the container is based on Other → remove"
            + " 'foreign-architectures', or use a Debian image"
        ])
    }
  }

  @Test func `a lock keeps the image when its name has moved on`() throws {
    try withScene { scene in
      try Registry.with(in: scene.archive.folder) { registry in
        let first = try scene.images.make("one", [ImageFixture.debian])
        let second = try scene.images.make("two", [ImageFixture.debian, ["new": "x"]])
        try registry.push(first, as: "debian:stable")
        let name = "docker://\(registry.address)/debian:stable"
        let recipe = try scene.recipe(name, "hello")
        let old = try scene.compiled(recipe)
        try registry.push(second, as: "debian:stable")
        try scene.archive.publish(ArchiveFixture.later, day: 20)
        let new = try scene.compiled(recipe)
        #expect(try layers(new).count == 2)

        // Nothing is asked, nor needs to be there.
        let cache = scene.archive.cache
        try Files.removeTree(cache)
        let kept = try scene.compiled(recipe, lock: old, offline: true)
        #expect(bytes(kept) == bytes(old))

        // One package more, on the image as it was, which is fetched by its digest.
        let more = try scene.recipe(name, "hello, extra")
        let moved = try scene.compiled(more, lock: old, update: .packages(["extra"]))
        #expect(moved.lock?.container == old.lock?.container)
        #expect(
          try packages(moved).installed.map { "\($0.package) \($0.version)" } == [
            "base-files 1.0-1", "extra 1.5-1", "greeting 1:1.0-1", "hello 1.0-1", "libc6 1.0-1",
          ])
        let all = try scene.compiled(
          try scene.recipe(name, "hello"), lock: old, update: .all)
        #expect(bytes(all) == bytes(new))

        #expect(
          scene.refusal(
            try scene.recipe("docker://\(registry.address)/debian:other", "hello"), lock: old) == [
              "4:14: the lock is stale: it was made with the container image '\(name)', but the"
                + " recipe has the container image 'docker://\(registry.address)/debian:other' →"
                + " resolve everything again: --update without names"
            ])
        let plain = try scene.archive.recipe("hello")
        #expect(
          scene.refusal(plain, lock: old).first?.hasPrefix(
            "the lock is stale: it was made with the container image '\(name)', but the recipe has"
              + " no"
              + " container image") == true)
      }
    }
  }

  @Test func `of several machines' images the recipe's is taken`() throws {
    try withScene { scene in
      try Registry.with(in: scene.archive.folder) { registry in
        for machine in ["arm64", "amd64"] {
          let image = try scene.images.make(
            machine, [ImageFixture.debian, ["machine": machine]], architecture: machine)
          try registry.push(image, as: "all:\(machine)")
        }
        let entries = try registry.putIndex(of: ["arm64", "amd64"], as: "all:latest")
        let recipe = try scene.recipe("docker://\(registry.address)/all")
        let manifest = try scene.compiled(recipe)
        #expect(entries[1].contains("\"\(try #require(manifest.lock?.container?.manifest))\""))

        _ = try registry.putIndex(of: ["arm64"], as: "all:arm")
        #expect(
          scene.refusal(try scene.recipe("docker://\(registry.address)/all:arm")) == [
            "4:14: the container image 'docker://\(registry.address)/all:arm' is not for linux/amd64"
              + " → it is for linux/arm64/v8: use another image, or choose one of these with --arch"
          ])
        #expect(
          scene.refusal(try scene.recipe("docker://\(registry.address)/all:arm64")) == [
            "4:14: the container image 'docker://\(registry.address)/all:arm64' is for linux/arm64,"
              + " not for linux/amd64 → use an image for that architecture, or --arch arm64"
          ])
      }
    }
  }

  @Test func `a container image keeps what the one it starts from says, and adds to it`() throws {
    try withScene { scene in
      try scene.archive.publish(
        ArchiveFixture.packages + [("coreutils", "1.0-1", ""), ("gzip", "1.0-1", "")])
      let layout = try scene.images.make("debian", [ImageFixture.debian])
      _ = try Command([
        "umoci", "config", "--image", String(layout.dropFirst(4)), "--config.exposedports",
        "80/tcp",
        "--config.volume", "/srv/b", "--config.stopsignal", "SIGQUIT", "--config.workingdir",
        "/srv",
      ]).runChecked()
      let recipe = try scene.recipe(
        "oci:images/debian:it",
        more: """
          images:
            - name: served
              formats: [oci]
              oci: {ports: [0053/udp, 80, 8080], volumes: [/srv/a]}
          """)
      let steps = try scene.compiled(recipe).pipelines.flatMap(\.stages)
      let options = try #require(steps.first { $0.type == "oci" }).options
      func texts(_ key: String) -> [Node] {
        guard case .list(let items)? = options[key]?.value else { return [] }
        return items
      }
      #expect(texts("ports") == ["53/udp", "80/tcp", "8080/tcp"].map(Node.string))
      #expect(texts("volumes") == ["/srv/a", "/srv/b"].map(Node.string))
      #expect(options["stop-signal"] == .string("SIGQUIT"))
      #expect(options["working-directory"] == .string("/srv"))
    }
  }

  @Test func `an image of each kind of place is the same image`() throws {
    try withScene { scene in
      let folder = scene.archive.folder
      let layout = try scene.images.make("debian", [ImageFixture.debian, ["etc/more": "x"]])
      func copy(_ target: String) throws {
        _ = try Command(["skopeo", "--insecure-policy", "copy", "--quiet", layout, target])
          .runChecked()
      }
      try copy("oci-archive:\(folder)/image.tar:it")
      try copy("docker-archive:\(folder)/saved.tar:debian:it")
      let storage = "containers-storage:[vfs@\(folder)/storage+\(folder)/run]debian:it"
      try copy(storage)
      for image in [
        "oci:images/debian:it", "oci-archive:image.tar", "docker-archive:saved.tar", storage,
      ] {
        let recipe = try scene.recipe(image, "hello")
        let manifest = try scene.compiled(recipe)
        #expect(try packages(manifest).installed.count == 4, "\(image)")
        #expect(manifest.lock?.container?.reference == image)
        #expect(manifest.lock?.container?.process.command == ["/bin/it"])
        #expect(manifest.epoch.description == "2025-09-10T11:12:13Z")
        for layer in try layers(manifest) {
          guard case .download(let source) = manifest.sources[layer] else { continue }
          let path = String(try #require(source.urls.first).dropFirst(7))
          let bytes = try Files.read(path)
          #expect(try sha256sum(bytes) == layer.description)
          #expect(bytes.count == source.size)
        }
        let again = try scene.compiled(recipe)
        #expect(bytes(again) == bytes(manifest), "\(image)")
      }
    }
  }

  @Test func `a colon in a path, of which skopeo takes the rest for a name`() throws {
    try withScene { scene in
      let folder = scene.archive.folder
      let layout = try scene.images.make("debian", [ImageFixture.debian])
      _ = try Command([
        "skopeo", "--insecure-policy", "copy", "--quiet", layout, "oci-archive:\(folder)/a.tar",
      ]).runChecked()
      let cache = "\(folder)/a:b/cache"
      try Files.makeDirectories(cache)
      // What a compilation left that was killed days ago, and a moment ago.
      for name in ["new-old", "particle-layout-old", "new-now"] {
        try Files.makeDirectories("\(cache)/containers/\(name)")
      }
      var old = [timespec(), timespec()]
      for name in ["new-old", "particle-layout-old"] {
        #expect(utimensat(AT_FDCWD, "\(cache)/containers/\(name)", &old, 0) == 0)
      }
      #expect(symlink(cache, "\(folder)/link") == 0)
      for cache in [cache, "\(folder)/link"] {
        let recipe = try scene.recipe("oci-archive:a.tar")
        let manifest = try compile(recipe, for: "amd64", ResolveSettings(cache: cache))
        #expect(try layers(manifest).count == 1)
      }
      #expect(try Files.names(in: "\(cache)/containers").sorted() == ["images", "new-now"])
      #expect(try Files.information("\(cache)/containers").st_mode & 0o777 == 0o700)
      #expect(symlink("\(folder)/a:b/images", "\(folder)/images-of-it") == 0)
      try Files.rename("\(folder)/images", to: "\(folder)/a:b/images")
      let recipe = try scene.recipe("oci:images-of-it/debian")
      let error = #expect(throws: CompileError.self) { try scene.compiled(recipe) }
      let told = String(describing: error)
      #expect(told.contains("cannot use \(folder)/images-of-it/debian: skopeo takes"), "\(told)")
    }
  }

  @Test func `what a layer above has counts, and what it hides is gone`() throws {
    try withScene { scene in
      let more = ["var/lib/dpkg/status": ImageFixture.installed("base-files", "2.0-1")]
      let above = try scene.images.make(
        "above", [ImageFixture.debian, more, ["var/lib/apt/.wh.extended_states": ""]])
      let stage = try packages(try scene.compiled(try scene.recipe(above, "greeting")))
      #expect(
        stage.installed.map { "\($0.package) \($0.version)" } == [
          "base-files 2.0-1", "greeting 1:2.0-1+b1",
        ])
      #expect(stage.automatic == [])
      // An image of which dpkg is gone has packages no more.
      for hidden in ["var/lib/.wh.dpkg", "var/lib/dpkg/.wh..wh..opq", ".wh..wh..opq"] {
        let gone = try scene.images.make(
          "gone-\(hidden.utf8.count)", [ImageFixture.debian, [hidden: ""]])
        #expect(scene.refusal(try scene.recipe(gone, "greeting")).count == 1)
        let manifest = try scene.compiled(try scene.recipe(gone))
        #expect(manifest.pipelines[0].stages.map(\.type) == ["container.root"])
      }
    }
  }

  @Test func `packages on what is not Debian are refused at their place`() throws {
    try withScene { scene in
      let other = [
        "etc/os-release": "PRETTY_NAME=\"Alpine Linux v3.22\"\nID=alpine\n", "bin/sh": "",
      ]
      let image = try scene.images.make("other", [other])
      let help =
        " → use a Debian image with dpkg, or add what you need with files or a script"
      #expect(
        scene.refusal(try scene.recipe(image, "hello, apt", more: "  - {type: ssh}")) == [
          "9:15: the package 'hello' cannot be installed: the container is based on Alpine Linux"
            + " v3.22"
            + help,
          "9:22: the package 'apt' cannot be installed: the container is based on Alpine Linux"
            + " v3.22"
            + help,
          "10:6: the package 'openssh-server' cannot be installed: the container is based on"
            + " Alpine Linux"
            + " v3.22" + help,
        ])
      let manifest = try scene.compiled(
        try scene.recipe(image, more: "modules:\n  - {type: hostname, name: a}"))
      #expect(manifest.pipelines[0].stages.map(\.type) == ["container.root", "hostname"])
      #expect(manifest.lock?.pipelines.isEmpty == true)

      let bookworm = ImageFixture.debian.mapValues { $0.replacing("trixie", with: "bookworm") }
      let older = try scene.images.make("older", [bookworm])
      #expect(
        scene.refusal(try scene.recipe(older, "hello", base: "debian: trixie")) == [
          "4:14: the container image '\(older)' is based on bookworm, but the recipe says trixie →"
            + " write 'debian: bookworm', or use an image based on trixie"
        ])
      var half = ImageFixture.debian
      half["var/lib/dpkg/status"]? +=
        "\n" + ImageFixture.installed("x", status: "install ok unpacked")
      let broken = try scene.images.make("half", [half])
      let told = scene.refusal(try scene.recipe(broken, "hello")).joined()
      #expect(told.contains("its package 'x' is not fully installed: 'install ok unpacked'"))
    }
  }

  @Test func `of many dependencies that cannot be had the first are told`() throws {
    try withScene { scene in
      let image = try scene.images.make("debian", [ImageFixture.debian])
      let names = (0..<60).map { "gone-\($0)" }.joined(separator: ", ")
      try scene.archive.publish([("many", "1.0-1", "Depends: \(names)")])
      let told = scene.refusal(try scene.recipe(image, "many"))
      #expect(told.count == 21, "\(told)")
      #expect(told.last?.contains("40 more dependencies cannot be satisfied") == true)
    }
  }
}
