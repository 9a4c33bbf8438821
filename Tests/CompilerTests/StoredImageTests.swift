import Compiler
import Files
import Glibc
import Model
import Processes
import StageContracts
import TestSupport
import Testing

/// Container images that are put into a system, with a real registry, real skopeo and real apt.
@Suite(.serialized) struct StoredImageTests {
  /// A recipe that puts images into a system of packages.
  private func storing(_ images: String, _ install: String = "hello", in scene: ContainerScene)
    throws
    -> String
  {
    let recipe = try scene.archive.recipe(install)
    let text = try Files.readText(recipe).replacing(
      "modules:\n", with: "modules:\n  - {type: containers, engine: none, images: [\(images)]}\n")
    try Files.write(Array(text.utf8), to: recipe)
    return recipe
  }

  private func stored(_ manifest: Manifest) throws -> [ContainerStore.Image] {
    let stages = manifest.pipelines.flatMap(\.stages)
    let stage = try #require(stages.first { $0.type == ContainerStore.name })
    var problems = Problems()
    let images = try #require(ContainerStore.schema.decode(stage.options, &problems)).images
    guard case .sources(let digests) = stage.inputs["blobs"] else { return [] }
    #expect(
      Set(digests)
        == Set(images.flatMap { [$0.manifest, $0.configuration] + $0.layers.map(\.blob) }))
    return images
  }

  @Test func `images for the system are locked, and move by their names`() throws {
    try withScene { scene in
      try Registry.with(in: scene.archive.folder) { registry in
        let first = try scene.images.make("one", [["a": "1"], ["b": "2"]])
        let second = try scene.images.make("two", [["a": "1"], ["b": "3"]])
        for tag in ["app:1", "other:1"] { try registry.push(first, as: tag) }
        let names = ["app:1", "other:1"].map { "\(registry.address)/\($0)" }
        let both = names.map { "\"docker://\($0)\"" }.joined(separator: ", ")
        let recipe = try storing(both, in: scene)
        let old = try scene.compiled(recipe)

        let image = try #require(try stored(old).first)
        #expect(try stored(old).map(\.name) == names)
        let seen = try Command(["skopeo", "inspect", "--tls-verify=false", "docker://\(names[0])"])
          .runChecked().text
        #expect(seen.contains("\"Digest\": \"\(image.manifest)\""))
        #expect(image.created.description == "2025-09-10T11:12:13Z")
        #expect(image.layers.count == 2)
        for layer in image.layers {
          let path = registry.path(ofBlob: layer.blob.hex)
          guard case .download(let source) = old.sources[layer.blob] else {
            Issue.record("no source")
            continue
          }
          #expect(source.urls == ["http://\(registry.address)/v2/app/blobs/\(layer.blob)"])
          #expect(try Files.information(path).st_size == source.size)
          let plain = try Command(["sh", "-c", "gzip -dc \(path) | sha256sum"]).runChecked().text
          #expect(layer.archive.hex == plain.prefix(64))
        }
        #expect(
          old.lock?.images == [names[0]: "docker://\(names[0])", names[1]: "docker://\(names[1])"])
        #expect(bytes(try scene.compiled(recipe, offline: true)) == bytes(old))

        for tag in ["app:1", "other:1"] { try registry.push(second, as: tag) }
        let new = try scene.compiled(recipe)
        #expect(try stored(new).map(\.manifest) != stored(old).map(\.manifest))
        let settings = ManifestDifference(from: old, to: new).settings.map(\.option)
        #expect(settings.contains("images[\(names[0])].manifest"), "\(settings)")

        // Nothing is asked, nor needs to be there; and of two images one moves.
        let cache = scene.archive.cache
        try Files.removeTree("\(cache)/containers")
        #expect(bytes(try scene.compiled(recipe, lock: old, offline: true)) == bytes(old))
        let moved = try scene.compiled(recipe, lock: old, update: .packages([names[1]]))
        #expect(try stored(moved) == [stored(old)[0], stored(new)[1]])
        let all = try scene.compiled(recipe, lock: old, update: .all)
        #expect(bytes(all) == bytes(new))

        let one = try storing("\"docker://\(names[1])\"", in: scene)
        #expect(
          scene.refusal(one, lock: old) == [
            "the lock is stale: it has the container image '\(names[0])', which the recipe no"
              + " longer asks for → drop it and keep all others: --update \(names[0])"
          ])
        let fewer = try scene.compiled(one, lock: old, update: .packages([names[0]]))
        #expect(try stored(fewer) == [stored(old)[1]])
        let more = try storing(both, in: scene)
        #expect(
          scene.refusal(more, lock: fewer) == [
            "9:47: the lock is stale: it does not have the container image '\(names[0])' → update"
              + " it and keep all others: --update \(names[0])"
          ])
        let renamed = try storing(
          "{image: \"docker://\(names[0])\", name: \"\(names[1])\"}", in: scene)
        #expect(
          scene.refusal(renamed, lock: fewer).first?.contains(
            "it was made with the container image 'docker://\(names[1])', but the recipe has"
              + " 'docker://\(names[0])'") == true)
        #expect(
          scene.refusal(more, lock: old, update: .packages(["\(names[0])2"])) == [
            "cannot update '\(names[0])2': neither the lock nor the recipe has it → did you"
              + " mean '\(names[0])'?"
          ])
      }
    }
  }

  @Test func `images for the system are refused at their place`() throws {
    try withScene { scene in
      let other = try scene.images.make("other", [["a": "1"]], architecture: "arm64")
      let named = "{image: \"\(other)\", name: \"localhost/app:1\"}"
      #expect(
        scene.refusal(try storing(named, in: scene)) == [
          "9:48: the container image '\(other)' is for linux/arm64, not for"
            + " linux/amd64 → use an image for that architecture, or --arch arm64"
        ])
      let offline = #expect(throws: CompileError.self) {
        try scene.compiled(
          try storing("\"docker://127.0.0.1:9/app:1\"", in: scene), offline: true)
      }
      guard case .failure(let failure) = offline else {
        Issue.record("\(String(describing: offline))")
        return
      }
      #expect(failure.object == "the container image docker://127.0.0.1:9/app:1 offline")
    }
  }

  @Test func `an image for the system comes from each kind of place`() throws {
    try withScene { scene in
      let folder = scene.archive.folder
      let layout = try scene.images.make("app", [["a": "1"], ["b": "2"]])
      func copy(_ target: String) throws {
        _ = try Command(["skopeo", "--insecure-policy", "copy", "--quiet", layout, target])
          .runChecked()
      }
      try copy("oci-archive:\(folder)/image.tar:it")
      try copy("docker-archive:\(folder)/saved.tar:app:it")
      for reference in ["oci:images/app:it", "oci-archive:image.tar", "docker-archive:saved.tar"] {
        let recipe = try storing("{image: \"\(reference)\", name: \"localhost/app\"}", in: scene)
        let manifest = try scene.compiled(recipe)
        let image = try #require(try stored(manifest).first)
        #expect(image.name == "localhost/app:latest" && image.layers.count == 2)
        for digest in [image.manifest, image.configuration] + image.layers.map(\.blob) {
          switch manifest.sources[digest] {
          case .download(let source):
            let path = String(try #require(source.urls.first).dropFirst(7))
            #expect(try sha256sum(try Files.read(path)) == digest.description)
          case .inline: break
          case nil: Issue.record("no source for \(digest) of \(reference)")
          }
        }
        #expect(bytes(try scene.compiled(recipe)) == bytes(manifest), "\(reference)")
      }
    }
  }
}
