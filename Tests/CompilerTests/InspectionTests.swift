import Compiler
import Files
import Glibc
import Hashing
import Model
import Processes
import TestSupport
import Testing

/// What `particle container inspect` says, with a real registry and real skopeo.
@Suite(.serialized) struct InspectionTests {
  private func inspect(
    _ text: String, for architecture: Architecture = .amd64, in folder: String
  ) throws(CompileError) -> InspectedImage {
    let image: ImageReference
    do { image = try ImageReference(argument: text) } catch { throw .recipe(error) }
    return try InspectedImage(image, for: architecture, ResolveSettings(cache: "\(folder)/cache"))
  }

  /// What is said of an image that is not to be had, and the exit status.
  private func refusal(
    _ text: String, for architecture: Architecture = .amd64, in folder: String
  ) -> String {
    do {
      _ = try inspect(text, for: architecture, in: folder)
      return "nothing"
    } catch {
      return "\(error.exitStatus) "
        + Report(colour: false).text(error) { _ in nil }.replacing("\(folder)/", with: "")
    }
  }

  private func layers(_ manifest: Manifest) throws -> [Digest] {
    let stage = try #require(manifest.pipelines.flatMap(\.stages).first)
    guard case .sources(let digests) = stage.inputs["layers"] else { return [] }
    return digests
  }

  private let other = ["usr/lib/os-release": "PRETTY_NAME=Other\nID=other\n"]

  @Test func `a tag is told by its digest, which a recipe can have`() throws {
    try withScene { scene in
      try Registry.with(in: scene.archive.folder) { registry in
        let folder = scene.archive.folder
        try registry.push(
          try scene.images.make("one", [other, ["etc/more": "x"]]), as: "some/image:it")
        let name = "docker://\(registry.address)/some/image"
        let image = try inspect(name + ":it", in: folder)
        let seen = try Command(["skopeo", "inspect", "--tls-verify=false", name + ":it"])
          .runChecked().text
        #expect(seen.contains("\"Digest\": \"\(image.digest)\""))
        #expect(image.reference == "\(name)@\(image.digest)")
        #expect(image.known.manifest == image.digest)
        #expect(image.platforms == ["linux/amd64"])
        #expect(image.created?.description == "2025-09-10T11:12:13Z")
        #expect(image.layers.count == 2)
        for layer in image.layers {
          let path = registry.path(ofBlob: layer.digest.hex)
          #expect(try Files.information(path).st_size == layer.size)
        }
        #expect(image.size == image.layers[0].size + image.layers[1].size)

        // The same by its digest, also when the tag has moved on; and so has a recipe with it.
        try registry.push(try scene.images.make("two", [other]), as: "some/image:it")
        #expect(try inspect(name + ":it", in: folder).digest != image.digest)
        let pinned = try inspect(image.reference, in: folder)
        #expect(pinned.reference == image.reference && pinned.layers == image.layers)
        let manifest = try scene.compiled(try scene.recipe(image.reference))
        #expect(try layers(manifest) == image.layers.map(\.digest))
        #expect(manifest.lock?.container?.manifest == image.digest)
        for layer in image.layers {
          #expect(manifest.sources[layer.digest] == image.sources[layer.digest])
        }
      }
    }
  }

  @Test func `of an index all machines are told, and the digest is for all of them`() throws {
    try withScene { scene in
      try Registry.with(in: scene.archive.folder) { registry in
        let folder = scene.archive.folder
        for machine in ["amd64", "arm64"] {
          let image = try scene.images.make(
            machine, [other, ["machine": machine]], architecture: machine)
          try registry.push(image, as: "all:\(machine)")
        }
        let entries = try registry.putIndex(of: ["arm64", "amd64"], as: "all:latest")
        let name = "docker://\(registry.address)/all"
        let images = try [Architecture.arm64, .amd64].map {
          try inspect(name, for: $0, in: folder)
        }
        for (image, entry) in zip(images, entries) {
          #expect(image.reference == "\(name)@\(images[0].digest)")
          #expect(image.platforms == ["linux/amd64", "linux/arm64/v8"])
          #expect(entry.contains("\"\(image.known.manifest)\""))
          #expect(image.known.manifest != image.digest)
          let pinned = try inspect(image.reference, for: image.architecture, in: folder)
          #expect(pinned.layers == image.layers && pinned.platforms == image.platforms)
        }
        #expect(images[0].layers != images[1].layers)
        let manifest = try scene.compiled(try scene.recipe(images[1].reference))
        #expect(try layers(manifest) == images[1].layers.map(\.digest))

        // The same index in a folder: skopeo gives of it no part by digest.
        _ = try Command([
          "skopeo", "--insecure-policy", "copy", "--all", "--quiet", "--src-tls-verify=false",
          name, "oci:\(folder)/all:it",
        ]).runChecked()
        for image in images {
          let copy = try inspect("oci:\(folder)/all:it", for: image.architecture, in: folder)
          #expect(copy.reference == "oci:\(folder)/all:it")
          #expect(copy.known.manifest == image.known.manifest && copy.layers == image.layers)
          #expect(copy.digest == image.digest && copy.platforms == image.platforms)
        }
      }
    }
  }

  @Test func `a blob that is a named pipe is not waited for`() throws {
    try withTemporaryDirectory { folder in
      try Files.makeDirectories(folder + "/image/blobs/sha256")
      for name in ["oci-layout", "index.json"] {
        try Files.write([], to: folder + "/image/" + name)
      }
      #expect(mkfifo(folder + "/image/blobs/sha256/00", 0o600) == 0)
      let said = refusal("oci:\(folder)/image", in: folder)
      #expect(said.contains("/00: it is a named pipe, not a regular file"), "\(said)")
    }
  }

  @Test(arguments: ["oci:image", "oci-archive:image/index.json", "docker-archive:image/index.json"])
  func `a file of an image that is a named pipe is not waited for`(name: String) throws {
    try withTemporaryDirectory { folder in
      try Files.makeDirectories(folder + "/image")
      try Files.write([], to: folder + "/image/oci-layout")
      #expect(mkfifo(folder + "/image/index.json", 0o600) == 0)
      let said = refusal(name.replacing("image", with: folder + "/image"), in: folder)
      #expect(said.contains("index.json: it is a named pipe, not a regular file"), "\(said)")
    }
  }

  @Test func `an image of each kind of place has the layers that a recipe gets`() throws {
    try withScene { scene in
      let folder = scene.archive.folder
      let layout = try scene.images.make("plain", [other, ["etc/more": "x"]])
      let storage = "containers-storage:[vfs@\(folder)/storage+\(folder)/run]plain:it"
      let archives = ["oci-archive:\(folder)/a.tar:it", "docker-archive:\(folder)/b.tar:a:it"]
      for target in archives + [storage] {
        _ = try Command(["skopeo", "--insecure-policy", "copy", "--quiet", layout, target])
          .runChecked()
      }
      for name in [layout] + archives + [storage] {
        let image = try inspect(name, in: folder)
        let manifest = try scene.compiled(try scene.recipe(name))
        #expect(image.reference == name)
        #expect(try layers(manifest) == image.layers.map(\.digest), "\(name)")
        for (digest, source) in image.sources {
          guard case .download(let download) = source else { continue }
          let path = String(try #require(download.urls.first).dropFirst(7))
          #expect(try sha256sum(Files.read(path)) == digest.description)
        }
      }
    }
  }

  @Test func `what is not to be had is told with what to do`() throws {
    try withScene { scene in
      let folder = scene.archive.folder
      try Files.makeDirectories("\(folder)/folder")
      let image = try scene.images.make("arm", [other], architecture: "arm64")
      func said(_ text: String) -> String { refusal(text, in: folder) }
      #expect(
        said("oci-archive:\(folder)/folder") == """
          1 error: cannot use folder: it is a directory, not an archive
             = help: name the archive file, or write oci:folder for a layout in a directory

          """)
      #expect(
        said("oci:\(folder)/folder") == """
          1 error: cannot use folder/oci-layout: No such file or directory
             = help: the path is relative to the working directory

          """)
      #expect(
        said(image) == """
          1 error: the container image 'oci:images/arm:it' is for linux/arm64, not for linux/amd64
             = help: use an image for that architecture, or --arch arm64

          """)
      _ = try Command(["umoci", "tag", "--image", String(image.dropFirst(4)), "other"]).runChecked()
      let several = said("oci:\(folder)/images/arm")
      #expect(
        several.hasPrefix("1 error: 'oci:images/arm' contains more than one image: "), "\(several)")
      #expect(several.hasSuffix("= help: name one of them: oci:images/arm:NAME\n"), "\(several)")
      #expect(
        said("docker:debian") == """
          2 error: a registry's image begins with 'docker://'
             = help: write docker://debian

          """)
      #expect(
        said("docker://a\u{1b}[31m/b")
          .hasPrefix(#"2 error: 'docker://a\u{1b}[31m/b' is not a valid"#))
      #expect(said("").hasPrefix("2 error: '' is not a valid container image"))
      let nowhere = said("docker://127.0.0.1:9/debian")
      #expect(nowhere.hasPrefix("1 error: cannot ask the registry 127.0.0.1:9: "), "\(nowhere)")
      #expect(nowhere.hasSuffix("= help: check the name and the network\n"), "\(nowhere)")
      try Files.write([UInt8](repeating: 120, count: 2000), to: "\(folder)/text")
      let damaged = said("docker-archive:\(folder)/text")
      #expect(damaged.hasPrefix("1 error: cannot read docker-archive:text: "), "\(damaged)")
      #expect(damaged.contains("= help: check that it is complete"), "\(damaged)")
    }
  }

  /// Makes an OCI layout by hand: what no tool would write.
  ///
  /// - Returns: Why it is refused.
  private func cause(in folder: String, config: String, layers: [(digest: String, size: Int)])
    throws -> String?
  {
    try Files.makeDirectories("\(folder)/blobs/sha256")
    func blob(_ text: String) throws -> String {
      let digest = SHA256.digest(Array(text.utf8))
      try Files.write(Array(text.utf8), to: "\(folder)/blobs/sha256/\(digest.hex)")
      return "\"digest\": \"\(digest)\", \"size\": \(text.utf8.count)"
    }
    let kind = "\"mediaType\": \"application/vnd.oci.image"
    let layers = layers.map {
      "{\(kind).layer.v1.tar\", \"digest\": \"\($0.digest)\", \"size\": \($0.size)}"
    }
    let manifest = try blob(
      "{\"schemaVersion\": 2, \(kind).manifest.v1+json\", \"config\": {\(kind).config.v1+json\","
        + " \(try blob(config))}, \"layers\": [\(layers.joined(separator: ", "))]}")
    for (name, text) in [
      ("oci-layout", "{\"imageLayoutVersion\": \"1.0.0\"}"),
      (
        "index.json",
        "{\"schemaVersion\": 2, \"manifests\": [{\(kind).manifest.v1+json\", \(manifest)}]}"
      ),
    ] { try Files.write(Array(text.utf8), to: "\(folder)/\(name)") }
    do {
      _ = try InspectedImage(try ImageReference(argument: "oci:\(folder)"), for: .amd64)
    } catch CompileError.failure(let failure) { return failure.cause }
    return nil
  }

  @Test(arguments: [
    ("link('x', '%s/victim'); file('x/keys')", "its entry 'x' is not a regular file"),
    ("file('f'); hard('blobs/sha256/' + 64 * 'a', 'f')", "is not a regular file"),
    ("link('blobs', '%s/victim'); file('blobs/sha256/' + 64 * 'a')", "is not a regular file"),
    ("pipe('index.json')", "its entry 'index.json' is not a regular file"),
    ("file('../victim/keys')", "it leads out of the tree"),
    ("file('oci-layout'); file('oci-layout')", "it has 'oci-layout' twice"),
    (
      "add('index.json', tarfile.REGTYPE, data=bytes(17 << 20))",
      "its entry 'index.json' has more than 16 MiB"
    ),
  ])
  func `an archive reaches nothing outside of it`(entries: String, cause: String) throws {
    try withTemporaryDirectory { folder in
      try Files.makeDirectories(folder + "/victim")
      let script = """
        import io, sys, tarfile
        archive = tarfile.open(sys.argv[1], 'w')
        def add(name, kind, target='', data=b''):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname, entry.size = kind, target, len(data)
            archive.addfile(entry, io.BytesIO(data))
        def link(name, target): add(name, tarfile.SYMTYPE, target)
        def hard(name, target): add(name, tarfile.LNKTYPE, target)
        def pipe(name): add(name, tarfile.FIFOTYPE)
        def file(name): add(name, tarfile.REGTYPE, data=b'PWNED')
        \(entries.replacing("%s", with: folder))
        archive.close()
        """
      _ = try Command(["python3", "-c", script, folder + "/image.tar"]).runChecked()
      let said = refusal("oci-archive:\(folder)/image.tar", in: folder)
      #expect(said.contains(cause), "\(said)")
      #expect(try Files.names(in: folder + "/victim") == [])
    }
  }

  @Test func `a compressed archive that would fill the disk never comes to skopeo`() throws {
    try withTemporaryDirectory { folder in
      let script = """
        import io, sys, tarfile
        archive = tarfile.open(sys.argv[1], 'w:gz')
        entry = tarfile.TarInfo('layer.tar')
        entry.size = 400 << 20
        archive.addfile(entry, open('/dev/zero', 'rb'))
        archive.close()
        """
      _ = try Command(["python3", "-c", script, folder + "/image.tar.gz"]).runChecked()
      let said = refusal("docker-archive:\(folder)/image.tar.gz", in: folder)
      #expect(said.contains("times"), "\(said)")
    }
  }

  @Test func `layers of sizes that no machine has are refused`() throws {
    try withTemporaryDirectory { folder in
      let digests = ["1", "2"].map { "sha256:" + String(repeating: $0, count: 64) }
      let cause = try cause(
        in: folder,
        config:
          "{\"architecture\": \"amd64\", \"os\": \"linux\", \"rootfs\": {\"type\": \"layers\"}}",
        layers: digests.map { ($0, Int.max) })
      #expect(cause == "its layers exceed 1 PiB in total")
    }
  }

  @Test(
    arguments: [
      (#""config": null"#, nil),
      (
        #""config": {"Cmd": null, "Env": ["A=b"], "Labels": {"a": "b"}, "Volumes": {"/a": {}}}"#,
        nil
      ),
      (#""config": {"Cmd": "/bin/sh"}"#, "its 'Cmd' is not a list of strings"),
      (#""config": {"Entrypoint": [1]}"#, "its 'Entrypoint' is not a list of strings"),
      (#""config": {"Env": {"A": "b"}}"#, "its 'Env' is not a list of strings"),
      (#""config": {"Labels": ["a"]}"#, "its 'Labels' is not an object"),
      (#""config": {"Labels": {"a": 1}}"#, "its 'Labels' are not strings"),
      (#""config": {"User": 0}"#, "its 'User' is not a string"),
      (#""config": {"WorkingDir": []}"#, "its 'WorkingDir' is not a string"),
      (#""config": {"ExposedPorts": ["80/tcp"]}"#, "its 'ExposedPorts' is not an object"),
      (#""config": {"StopSignal": 9}"#, "its 'StopSignal' is not a string"),
      (
        #""created": "2999-01-01T00:00:00Z""#,
        "it was made on 2999-01-01T00:00:00Z, which is later than file systems can hold"
      ),
      (#""rootfs": {"type": "layers", "diff_ids": []}"#, "it has 1 layer, but digests of 0"),
      (#""rootfs": {"type": "layers", "diff_ids": ["md5:1"]}"#, "it has 1 layer, but digests of 0"),
    ] as [(String, String?)])
  func `a configuration that is not what the specification says is refused`(
    member: String, expected: String?
  ) throws {
    try withTemporaryDirectory { folder in
      let digest = "sha256:" + String(repeating: "1", count: 64)
      let rootfs =
        member.contains("rootfs")
        ? "" : "\"rootfs\": {\"type\": \"layers\", \"diff_ids\": [\"\(digest)\"]}, "
      let cause = try cause(
        in: folder, config: "{\"architecture\": \"amd64\", \"os\": \"linux\", \(rootfs)\(member)}",
        layers: [(digest, 100)])
      #expect(cause == expected)
    }
  }

  @Test func `people read rows, and programs an object of which all is documented`() throws {
    try withTemporaryDirectory { folder in
      let layout = try ImageFixture(in: folder).make("image", [other, ["etc/more": "x"]])
      _ = try Command([
        "umoci", "config", "--image", String(layout.dropFirst(4)), "--config.entrypoint", "/bin/sh",
        "--config.entrypoint", "-c", "--config.cmd", "echo \"a  b\"\nexit", "--config.env", "B=c",
        "--config.user", "1000:100", "--config.workingdir", "/srv", "--config.label",
        "wild=\u{1b}[31m\nnext", "--config.exposedports", "53/udp", "--config.exposedports",
        "80/tcp",
        "--config.volume", "/srv/data", "--config.stopsignal", "SIGQUIT",
      ]).runChecked()
      let image = try inspect(layout, in: folder)
      let sizes = image.layers.map { "\($0.digest)  \($0.size) bytes" }
      #expect(
        image.text == """
          reference     \(layout)
          manifest      \(image.known.manifest)
          architecture  amd64
          created       2025-09-10T11:12:13Z
          layers        2, \(image.size) bytes
                        \(sizes[0])
                        \(sizes[1])
          entry point   ["/bin/sh", "-c"]
          command       ["echo \\"a  b\\"\\nexit"]
          environment   A=b=c
                        B=c
          user          1000:100
          directory     /srv
          ports         53/udp, 80/tcp
          volumes       /srv/data
          stop signal   SIGQUIT
          labels        what=it
                        wild=\\u{1b}[31m\\nnext

          """)
      let page = try Files.readText(Places.repository + "/docs/commands.md")
      let node = Node.object(image.members)
      for (key, _) in image.members { #expect(page.contains("`\(key)`"), "\(key)") }
      #expect(node["labels"]?["wild"]?.value == .string("\u{1b}[31m\nnext"))
      #expect(node["size"]?.value == .integer(image.size))
      #expect(
        node["layers"]?.value
          == .list(
            image.layers.map {
              .object([("digest", .string("\($0.digest)")), ("size", .integer($0.size))])
            }))
    }
  }
}
