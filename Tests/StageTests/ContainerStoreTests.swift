import Files
import Glibc
import Processes
import TestSupport
import Testing

/// Storages of container images, compared with what podman makes of the same images.
@Suite(.needsRoot) struct ContainerStoreTests {
  /// An image in a layout of OCI, and what the stage is told of it.
  private struct Image {
    var layout: String
    var options: String
  }

  /// Makes an image of layers that are archives.
  private func image(_ layers: [String], in folder: String, name: String = "localhost/it:1") throws
    -> Image
  {
    let layout = "\(folder)/image"
    try tool(["umoci", "init", "--layout", layout])
    try tool(["umoci", "new", "--image", "\(layout):x"])
    for layer in layers {
      try tool(["umoci", "raw", "add-layer", "--image", "\(layout):x", "\(folder)/\(layer)"])
    }
    try tool([
      "umoci", "config", "--image", "\(layout):x", "--created", "2025-01-02T03:04:05Z",
      "--config.cmd", "/bin/it",
    ])
    return Image(layout: layout, options: try options(layout, name))
  }

  private func options(_ layout: String, _ name: String) throws -> String {
    let program = """
      import json, sys
      layout, name = sys.argv[1:]
      def blob(digest): return json.load(open(layout + '/blobs/sha256/' + digest[7:]))
      manifest = json.load(open(layout + '/index.json'))['manifests'][0]['digest']
      config = blob(manifest)['config']['digest']
      layers = zip(blob(manifest)['layers'], blob(config)['rootfs']['diff_ids'])
      print(json.dumps({'images': [{
          'name': name, 'manifest': manifest, 'configuration': config,
          'created': '2025-01-02T03:04:05Z',
          'layers': [{'blob': l['digest'], 'archive': d} for l, d in layers]}]}))
      """
    return try tool(["python3", "-c", program, layout, name])
  }

  private func store(_ image: Image, at tree: String, options: String? = nil) throws -> StageResult
  {
    try Files.makeDirectories(tree)
    return try run(
      "container.store", options ?? image.options, on: tree,
      inputs: ["blobs": "\(image.layout)/blobs/sha256"])
  }

  /// Runs podman with a storage of its own.
  @discardableResult private func podman(
    _ words: [String], in folder: String, beside storage: String? = nil
  ) throws -> String {
    let more = storage.map { ["--storage-opt", "additionalimagestore=\($0)"] } ?? []
    return try tool(
      [
        "podman", "--root", "\(folder)/root", "--runroot", "\(folder)/run", "--storage-driver",
        "overlay",
      ] + more + words)
  }

  /// What a container of an image sees.
  private func contents(of image: String, in folder: String, beside storage: String? = nil) throws
    -> String
  {
    let container = try podman(["create", "--network=none", image], in: folder, beside: storage)
      .filter { !$0.isNewline }
    let place = try podman(["mount", container], in: folder, beside: storage)
    defer { _ = try? podman(["rm", "--force", container], in: folder, beside: storage) }
    return try ContainerRootTests.summary(of: String(place.dropLast()))
  }

  private static let layers = #"""
    cap = b'\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'
    layer(out + '1.tar', [
        ('./', 'd', {'mode': 0o751}),
        ('a/', 'd', {'mode': 0o1777, 'owner': (7, 8), 'xattrs': {'user.kept': b'1'}}),
        ('a/gone', 'f', {'data': b'gone'}), ('a/keep', 'f', {'data': b'keep', 'owner': (5, 6)}),
        ('a/link', 'l', {'to': 'keep'}), ('a/hard', 'h', {'to': 'a/keep', 'owner': (5, 6)}),
        ('opaque', 'd', {}), ('opaque/old', 'f', {}), ('opaque/both', 'd', {'mode': 0o700}),
        ('opaque/both/old', 'f', {}),
        ('becomes-file', 'd', {}), ('becomes-file/x', 'f', {}),
        ('becomes-folder', 'f', {'data': b'x'}),
        ('ping', 'f', {'data': b'p', 'xattrs': {'security.capability': cap, 'user.x': b'1'}}),
        ('null', 'c', {'device': (1, 3), 'mode': 0o666}), ('pipe', 'p', {'mode': 0o600}),
        ('dangling', 'l', {'to': '/nowhere'}), ('big', 'f', {'data': b'0123456789' * 60000}),
    ])
    layer(out + '2.tar', [
        ('becomes-file', 'f', {'data': b'y'}), ('becomes-folder', 'd', {}),
        ('becomes-folder/x', 'f', {'data': b'z'}), ('a', 'd', {'mode': 0o1777, 'owner': (7, 8)}),
        ('a/.wh.never-there', 'f', {}), ('a/new', 'f', {'data': b'new'}),
    ])
    layer(out + '3.tar', [
        ('a', 'd', {'mode': 0o750, 'owner': (1, 2), 'xattrs': {'user.other': b'2'}}),
        ('a/.wh.gone', 'f', {}), ('.wh.dangling', 'f', {}),
        ('opaque', 'd', {}), ('opaque/.wh..wh..opq', 'f', {}), ('opaque/new', 'f', {}),
        ('opaque/both', 'd', {}), ('opaque/both/new', 'f', {'data': b'n'}),
    ])
    layer(out + '4.tar', [('top', 'f', {'data': b'top'}), ('a', 'd', {}), ('a/top', 'f', {})])
    """#

  @Test func `podman sees and gives away what it would have pulled`() throws {
    try withTemporaryDirectory { place in
      try ContainerRootTests.write(Self.layers, to: place)
      let image = try image(["1.tar", "2.tar", "3.tar", "4.tar"], in: place)
      let result = try store(image, at: "\(place)/tree")
      #expect(result.status == .exit(0), "\(result.log)")
      let storage = "\(place)/tree/usr/lib/containers/storage"

      let root = "overlay@\(place)/pulled/root+\(place)/pulled/run"
      try tool([
        "skopeo", "--insecure-policy", "copy", "--quiet", "oci:\(image.layout):x",
        "containers-storage:[\(root)]localhost/it:1",
      ])
      let format = "{{.Digest}} {{.Id}} {{.CreatedAt}} {{.Size}} {{.ReadOnly}}"
      let listed = try podman(
        ["images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} " + format],
        in: "\(place)/ours", beside: storage)
      let pulled = try podman(["images", "--no-trunc", "--format", format], in: "\(place)/pulled")
      #expect(listed == "localhost/it:1 " + pulled.replacing("false", with: "true"))

      let wanted = try contents(of: "localhost/it:1", in: "\(place)/pulled")
      let seen = try contents(of: "localhost/it:1", in: "\(place)/ours", beside: storage)
      #expect(wanted.contains("opaque/both/new") && !wanted.contains("/old'"), "\(wanted)")
      // A file of several names has more of them where a layer has all files; links have none.
      let (one, other) = (withoutNames(wanted), withoutNames(seen))
      #expect(one == other, "\(lineDifference(from: one, to: other))")

      for (folder, storage) in [("pulled", nil), ("ours", storage)] {
        try podman(
          [
            "save", "--quiet", "--format", "oci-archive", "-o", "\(place)/\(folder).tar",
            "localhost/it:1",
          ],
          in: "\(place)/\(folder)", beside: storage)
        let saved = "\(place)/\(folder)-saved"
        try Files.makeDirectories(saved)
        try tool(["tar", "-C", saved, "-xf", "\(place)/\(folder).tar"])
      }
      try tool([
        "diff", "-r", "\(place)/pulled-saved/blobs", "\(place)/ours-saved/blobs",
      ])
    }
  }

  private func withoutNames(_ summary: String) -> String {
    // After the attributes comes the count of names, but for folders.
    summary.replacing(#/} \d+/#, with: "}")
  }

  @Test func `a storage is the same each time, and nothing in it is a mark of overlays`() throws {
    try withTemporaryDirectory { place in
      try ContainerRootTests.write(Self.layers, to: place)
      let image = try image(["1.tar", "2.tar", "3.tar", "4.tar"], in: place)
      for tree in ["one", "two/deeper"] {
        let result = try store(image, at: "\(place)/\(tree)")
        #expect(result.status == .exit(0), "\(result.log)")
      }
      // Times of folders that nothing names are those of the run, which the runner takes away.
      let first = try withoutTimes(of: "\(place)/one")
      let second = try withoutTimes(of: "\(place)/two/deeper")
      #expect(first == second, "\(lineDifference(from: first, to: second))")
      #expect(!first.contains("overlay."), "an attribute of overlays")
      let marks = try tool(["find", "\(place)/one", "-type", "c", "-printf", "%P %l\\n"])
      #expect(marks.split(separator: "\n").allSatisfy { $0.contains("/diff/null") }, "\(marks)")
      // What a layer takes over it has as a further name.
      let links = try tool(["find", "\(place)/one", "-name", "big", "-links", "2"])
      #expect(links.split(separator: "\n").count == 2)
    }
  }

  private func withoutTimes(of folder: String) throws -> String {
    try ContainerRootTests.summary(of: folder).replacing(#/(?m)^(\S+ 0o4\S+ \d+ \d+) \d+/#) {
      String($0.output.1)
    }
    // Files that the stage writes itself have the time of the run as well.
    .replacing(#/ 1[789]\d{8} {/#, with: " {")
  }

  @Test func `a folder that is made anew has nothing of the one that was removed`() throws {
    try withTemporaryDirectory { place in
      // As the image specification has it; podman shows the old files here.
      try ContainerRootTests.write(
        """
        layer(out + '1.tar', [('f', 'd', {'mode': 0o700}), ('f/old', 'f', {}), ('kept', 'f', {})])
        layer(out + '2.tar', [('.wh.f', 'f', {}), ('f/new', 'f', {}), ('f/d/x', 'f', {})])
        layer(out + '3.tar', [('f/d/y', 'f', {}), ('top', 'f', {})])
        """, to: place)
      let image = try image(["1.tar", "2.tar", "3.tar"], in: place)
      let result = try store(image, at: "\(place)/tree")
      #expect(result.status == .exit(0), "\(result.log)")
      let seen = try contents(
        of: "localhost/it:1", in: place, beside: "\(place)/tree/usr/lib/containers/storage")
      let names = seen.split(separator: "\n").map { $0.split(separator: " ").prefix(2) }
      #expect(
        names.map { $0.joined(separator: " ") } == [
          "b'f' 0o40755", "b'f/d' 0o40755", "b'f/d/x' 0o100644", "b'f/d/y' 0o100644",
          "b'f/new' 0o100644", "b'kept' 0o100644", "b'top' 0o100644",
        ])
    }
  }

  @Test func `an image that has two names is there once, and layers are shared`() throws {
    try withTemporaryDirectory { place in
      try ContainerRootTests.write(Self.layers, to: place)
      let image = try image(["1.tar", "4.tar"], in: place)
      let other = try options(image.layout, "localhost/other:2").dropFirst(12)
      let options = image.options.dropLast(3) + ", " + other
      let result = try store(image, at: "\(place)/tree", options: String(options))
      #expect(result.status == .exit(0), "\(result.log)")
      let storage = "\(place)/tree/usr/lib/containers/storage"
      let names = try podman(
        ["images", "--format", "{{.Repository}}:{{.Tag}} {{.Id}}"], in: place, beside: storage)
      let lines = names.split(separator: "\n").sorted()
      #expect(lines.count == 2 && lines[0].hasPrefix("localhost/it:1 "), "\(names)")
      #expect(lines[1].hasPrefix("localhost/other:2 "))
      #expect(lines[0].split(separator: " ")[1] == lines[1].split(separator: " ")[1])
      #expect(try Files.names(in: "\(storage)/overlay").count == 3)
    }
  }

  @Test(arguments: [
    ("('a/.wh.', 'f', {})", "it is not a whiteout"),
    ("('.wh..wh.plnk', 'f', {})", "it is not a whiteout"),
    ("('../.wh.x', 'f', {})", "it leads out of the tree"),
    ("('../out', 'f', {})", "it leads out of the tree"),
    ("('x', 'h', {'to': 'a/keep'})", "No such file or directory"),
    ("('w', 'c', {'device': (0, 0)})", "0:0 is not a valid device number"),
  ])
  func `a layer that is wrong is named`(files: String, cause: String) throws {
    try withTemporaryDirectory { place in
      try ContainerRootTests.write(
        Self.layers + "\nlayer(out + 'wrong.tar', [\(files)])", to: place)
      let image = try image(["1.tar", "wrong.tar"], in: place)
      let result = try store(image, at: "\(place)/tree")
      #expect(result.status == .exit(1))
      #expect(result.log.contains(cause), "\(result.log)")
      #expect(result.log.contains("layer 2 of 2 of localhost/it:1"), "\(result.log)")
    }
  }

  @Test func `a layer that the configuration does not know is refused`() throws {
    try withTemporaryDirectory { place in
      try ContainerRootTests.write("layer(out + 'l.tar', [('f', 'f', {})])", to: place)
      let image = try image(["l.tar"], in: place)
      let marker = "\"archive\": \"sha256:"
      let start = try #require(image.options.firstRange(of: marker)).upperBound
      let wrong =
        image.options[..<start] + String(repeating: "0", count: 64)
        + image.options[start...].dropFirst(64)
      let result = try store(image, at: "\(place)/tree", options: String(wrong))
      #expect(result.status == .exit(1))
      #expect(result.log.contains("but the image's configuration says"), "\(result.log)")

      #expect(try store(image, at: "\(place)/twice").status == .exit(0))
      let second = try store(image, at: "\(place)/twice")
      #expect(second.log.contains("the tree already has it"), "\(second.log)")
    }
  }

  @Test func `files that tar keeps otherwise are given away as they were`() throws {
    try withTemporaryDirectory { place in
      try tool([
        "bash", "-euc",
        """
        cd '\(place)'; mkdir sparse; cd sparse
        truncate -s 5M end; printf begin | dd of=end conv=notrunc status=none
        head -c 300 /dev/zero | tr '\\0' x > plain; touch empty
        printf '%0200d' 7 > $(printf '%0150d' 5); touch -d @1000000000 *
        tar -cSf ../gnu.tar --format=gnu *; tar -cSf ../pax.tar --format=pax *
        """,
      ])
      let image = try image(["gnu.tar", "pax.tar"], in: place)
      let result = try store(image, at: "\(place)/tree")
      #expect(result.status == .exit(0), "\(result.log)")
      try podman(
        ["push", "--quiet", "localhost/it:1", "dir:\(place)/pushed"], in: place,
        beside: "\(place)/tree/usr/lib/containers/storage")
      let manifest = try Files.readText("\(place)/pushed/manifest.json")
      for name in ["gnu.tar", "pax.tar"] {
        let sum = try tool(["sha256sum", "\(place)/\(name)"]).prefix(64)
        #expect(manifest.contains(sum), "\(manifest)")
      }
    }
  }
}
