import Files
import Glibc
import Hashing
import Model
import Processes
import Runner
import TestSupport
import Testing

/// Layers from a real registry.
@Suite(.serialized) struct RegistryTests {
  /// Puts an image with one layer into a registry.
  ///
  /// - Returns: The layer.
  private func push(
    to registry: Registry, from folder: String, _ options: [String] = []
  ) throws -> [UInt8] {
    let layout = "\(folder)/image"
    try Files.write([UInt8](repeating: 65, count: 9000), to: "\(folder)/file")
    for words in [
      ["umoci", "init", "--layout", layout], ["umoci", "new", "--image", "\(layout):it"],
      ["tar", "-C", folder, "-cf", "\(folder)/layer.tar", "file"],
      ["umoci", "raw", "add-layer", "--image", "\(layout):it", "\(folder)/layer.tar"],
    ] { _ = try Command(words).runChecked() }
    try registry.push("oci:\(layout):it", as: "some/image:it", options)
    for name in try Files.names(in: "\(layout)/blobs/sha256") {
      let bytes = try Files.read("\(layout)/blobs/sha256/\(name)")
      if bytes.first == 0x1f { return bytes }
    }
    throw Failure("find", "the layer", cause: "there is none")
  }

  /// Runs a build that copies a layer of a registry to its output.
  private func build(
    _ layer: [UInt8], of registry: Registry, in scene: Scene, logins: String? = nil,
    environment more: [String: String] = [:]
  ) throws -> Command.Outcome {
    var draft = Draft()
    let url =
      "http://\(registry.address)/v2/some/image/blobs/\(SHA256.digest(layer))"
    let digest = draft.source("layer", layer, urls: [url])
    draft.pipeline(
      "os", [inTree("copy /end files layer", inputs: ["files": .sources([digest])])])
    draft.export("end", from: "os", "/end")
    var environment = more
    if let logins {
      environment["REGISTRY_AUTH_FILE"] = "\(scene.folder)/auth.json"
      try Files.write(
        Array("{\"auths\": {\"\(logins)\": {\"auth\": \"dXNlcjpzZWNyZXQ=\"}}}".utf8),
        to: "\(scene.folder)/auth.json")
    }
    return try scene.run(draft, environment: environment)
  }

  @Test(arguments: [Registry.Access.everybody, .token])
  func `a layer comes from a registry that everybody may read`(_ access: Registry.Access) throws {
    try Scene.with { scene in
      try Registry.with(access, in: scene.folder) { registry in
        let layer = try push(to: registry, from: scene.folder)
        let outcome = try build(layer, of: registry, in: scene)
        #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
        #expect(try Files.read(scene.output + "/end") == layer)
      }
    }
  }

  @Test func `a password is taken from where skopeo keeps it, for this image only`() throws {
    try Scene.with { scene in
      try Registry.with(.password, in: scene.folder) { registry in
        let layer = try push(to: registry, from: scene.folder, ["--dest-creds=user:secret"])
        for (logins, isRight) in [
          (nil, false), ("other.example", false), ("\(registry.address)/elsewhere", false),
          ("\(registry.address)/some", true), (registry.address, true),
        ] {
          try Files.removeTree(scene.store)
          let outcome = try build(layer, of: registry, in: scene, logins: logins)
          let seen = outcome.errorText
          #expect((outcome.ending == .exit(0)) == isRight, "\(logins ?? "none"): \(seen)")
          #expect(isRight || seen.contains("the server responded with status 401"), "\(seen)")
          #expect(!seen.contains("secret") && !seen.contains("dXNlcj"))
        }
      }
    }
  }

  @Test func `a password is taken from a program that keeps it`() throws {
    try Scene.with { scene in
      try Registry.with(.password, in: scene.folder) { registry in
        let layer = try push(to: registry, from: scene.folder, ["--dest-creds=user:secret"])
        let folder = scene.folder
        try Files.makeDirectories("\(folder)/bin")
        let helper = """
          #!/bin/sh
          server=$(cat)
          echo "$1 $server" >>'\(folder)/asked'
          [ "$server" = '\(registry.address)' ] || { echo credentials not found; exit 1; }
          echo '{"ServerURL": "x", "Username": "user", "Secret": "secret"}'
          """
        try Files.write(
          Array(helper.utf8), to: "\(folder)/bin/docker-credential-trial", mode: 0o755)
        let path = try #require(getenv("PATH").map { String(cString: $0) })
        let wrong = "\"auths\": {\"\(registry.address)\": {\"auth\": \"dTp4\"}}"
        for (settings, isRight) in [
          ("{\"credHelpers\": {\"\(registry.address)\": \"trial\"}, \(wrong)}", true),
          ("{\"credHelpers\": {\"https://\(registry.address)/\": \"trial\"}}", false),
          ("{\"credHelpers\": {\"other.example\": \"trial\"}}", false),
          ("{\"credHelpers\": {\"\(registry.address)\": \"../bin/trial\"}}", false),
          ("{\"credHelpers\": {\"\(registry.address)\": \"none-such\"}}", false),
          ("{\"credsStore\": \"trial\", \"auths\": {\"\(registry.address)\": {}}}", true),
          ("{\"credsStore\": \"trial\", \(wrong)}", false),
        ] {
          try Files.removeTree(scene.store)
          try Files.write(Array(settings.utf8), to: "\(folder)/config.json")
          let outcome = try build(
            layer, of: registry, in: scene,
            environment: [
              "REGISTRY_AUTH_FILE": "\(folder)/config.json", "PATH": "\(folder)/bin:\(path)",
            ])
          #expect((outcome.ending == .exit(0)) == isRight, "\(settings): \(outcome.errorText)")
          #expect(!outcome.errorText.contains("secret") && !outcome.errorText.contains("dXNlcj"))
        }
        let asked = try Files.readText("\(folder)/asked").split(separator: "\n")
        #expect(
          asked.contains("get \(registry.address)") && asked.allSatisfy { $0.hasPrefix("get ") })
      }
    }
  }

  @Test func `another blob than the digest says is not taken`() throws {
    try Scene.with { scene in
      try Registry.with(in: scene.folder) { registry in
        let layer = try push(to: registry, from: scene.folder)
        try Files.write(
          [UInt8](repeating: 0, count: layer.count),
          to: registry.path(ofBlob: SHA256.digest(layer).hex))
        let outcome = try build(layer, of: registry, in: scene)
        #expect(outcome.ending == .exit(1))
        #expect(outcome.errorText.contains("its checksum is "), "\(outcome.errorText)")
      }
    }
  }
}
