import Files
import Glibc
import JSON
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// `particle container`, with a real registry.
  @Suite(.serialized, .besideAnother) struct ContainerCommands {
    /// A registry with one image, and places that are used by nothing else.
    private struct Place {
      var registry: Registry
      var folder: String
      var name: String { "docker://\(registry.address)/some/image" }
      var store: String { "\(folder)/store" }

      func command(_ words: String...) throws -> Finished { try command(words) }

      func command(_ words: [String]) throws -> Finished {
        try particle(
          ["particle", "container"] + words,
          through: ["env", "PARTICLE_CACHE=\(folder)/cache", "PARTICLE_STORE=\(store)"])
      }

      /// The sources that the store has.
      func kept() throws -> [String] {
        Files.exists("\(store)/sources") ? try Files.names(in: "\(store)/sources/sha256") : []
      }

      /// What has come of sources that are not complete.
      func parts() throws -> [String] { try Files.names(in: "\(store)/parts") }
    }

    private func withImage(_ body: (Place) throws -> Void) throws {
      try withTemporaryDirectory { folder in
        try Registry.with(in: folder) { registry in
          let image = try ImageFixture(in: folder).make(
            "image",
            [["etc/os-release": "ID=other\n", "etc/which": "low"], ["etc/which": "high"]],
            architecture: Architecture.own?.rawValue ?? "")
          try registry.push(image, as: "some/image:it")
          try body(Place(registry: registry, folder: folder))
        }
      }
    }

    private func object(_ finished: Finished) throws -> Node {
      try JSON.parse(Array(finished.output.utf8), file: "the output")
    }

    private func text(_ node: Node?) throws -> String {
      guard case .string(let text)? = node?.value else { return "" }
      return text
    }

    private func layers(_ node: Node) throws -> [String] {
      guard case .list(let layers)? = node["layers"]?.value else { return [] }
      return try layers.map { String(try text($0["digest"]).dropFirst(7)) }
    }

    @Test func `inspect tells the same of a tag and of its digest`() throws {
      try withImage { place in
        let seen = try place.command("inspect", place.name + ":it")
        #expect(seen.ending == .exit(0) && seen.errors.isEmpty, "\(seen.said)")
        let first = try #require(seen.output.split(separator: "\n").first)
        #expect(first.hasPrefix("reference     \(place.name)@sha256:"), "\(seen.output)")
        let reference = String(first.dropFirst(14))
        #expect(try place.command("inspect", reference).output == seen.output)
        let json = try object(try place.command("inspect", reference, "--json"))
        #expect(try text(json["reference"]) == reference)
        #expect(try layers(json).count == 2)
        #expect(try place.kept() == [])
      }
    }

    @Test func `what there is not is told with its status`() throws {
      try withImage { place in
        let other = try #require(Architecture.allCases.first { $0 != Architecture.own })
          .rawValue
        for (words, status, problem) in [
          (["inspect", place.name + ":it", "--arch", other], 1, "not for linux/\(other)\n"),
          (["pull", place.name + ":it", "--arch", other], 1, "not for linux/\(other)\n"),
          (["inspect", place.name + ":gone"], 1, "error: cannot find the image"),
          (["pull", place.name + ":gone"], 1, "skopeo list-tags"),
          (["pull", "docker://127.0.0.1:9/x"], 1, "error: cannot ask the registry 127.0.0.1:9"),
          (["pull", place.name + ":it", "--arch", "many"], 2, "'many' is invalid"),
          (
            ["inspect", "some/image:it"], 2,
            "error: unknown kind of container image 'some/image'"
          ),
          (["inspect"], 2, "missing expected argument"),
        ] as [([String], Int32, String)] {
          let seen = try place.command(words)
          #expect(seen.ending == .exit(status) && seen.output.isEmpty, "\(words): \(seen.said)")
          #expect(seen.errors.contains(problem), "\(words): \(seen.errors)")
        }
        #expect(try place.kept() == [])
        // Only what is not in a registry needs it.
        let withoutSkopeo = ["/usr/bin/env", "PATH=/nonexistent"]
        let own = try particle(
          ["particle", "container", "inspect", place.name + ":it"], through: withoutSkopeo)
        #expect(own.ending == .exit(0), "\(own.said)")
        let unfound = try particle(
          ["particle", "container", "inspect", "oci:\(place.folder)/images/image:it"],
          through: withoutSkopeo)
        #expect(unfound.ending == .exit(1))
        #expect(unfound.errors.contains("apt install skopeo"), "\(unfound.said)")
      }
    }

    @Test func `what was pulled is all that a build needs, and is not fetched twice`() throws {
      try withImage { place in
        let pulled = try place.command("pull", place.name + ":it")
        #expect(pulled.ending == .exit(0), "\(pulled.said)")
        #expect(pulled.output.hasPrefix("\(place.name)@sha256:"), "\(pulled.said)")
        #expect(pulled.errors.hasPrefix("  downloaded 2 files, "), "\(pulled.said)")
        let reference = String(pulled.output.dropLast())
        let recipe = """
          version: 1
          name: pulled
          base: {container: "\(reference)"}
          architectures: [\(Architecture.own?.rawValue ?? "")]
          images: [{name: pulled, formats: [directory]}]
          """
        let folder = place.folder
        try Files.write(Array(recipe.utf8), to: "\(folder)/recipe.yml")
        _ = try succeeding([
          "particle-compile", "\(folder)/recipe.yml", "-o", "\(folder)/manifest.json", "--cache",
          "\(folder)/cache",
        ])
        let json = try object(try place.command("inspect", reference, "--json"))
        #expect(try place.kept() == layers(json).sorted())

        // The registry has them no more: whoever asks for one fails.
        for layer in try layers(json) { unlink(place.registry.path(ofBlob: layer)) }
        let again = try place.command("pull", place.name + ":it", "--json", "--quiet")
        #expect(again.ending == .exit(0) && again.errors.isEmpty, "\(again.said)")
        let told = try object(again)
        #expect(told["downloaded"]?["files"]?.value == .integer(0))
        #expect(try text(told["store"]) == place.store)
        #expect(try text(told["reference"]) == reference)
        let run = [
          "particle-run", "\(folder)/manifest.json", "--offline", "-o", "\(folder)/out", "--store",
        ]
        _ = try succeeding(run + [place.store])
        #expect(try Files.readText("\(folder)/out/pulled.directory/etc/which") == "high")
        let unpulled = try particle(run + ["\(folder)/other"])
        #expect(unpulled.ending == .exit(1))
        #expect(unpulled.errors.contains("the store lacks 2 sources"), "\(unpulled.said)")
        let missing = try place.command("pull", reference, "--store", "\(folder)/other")
        #expect(missing.ending == .exit(1) && missing.output.isEmpty, "\(missing.said)")
      }
    }

    @Test func `what a registry has damaged is not taken, nor what it has cut short`() throws {
      try withImage { place in
        let json = try object(try place.command("inspect", place.name + ":it", "--json"))
        let layer = try #require(try layers(json).last)
        let path = place.registry.path(ofBlob: layer)
        let whole = try Files.read(path)
        var other = whole
        other[other.count / 2] ^= 1
        for (bytes, cause) in [
          (other, "its checksum is "),
          (Array(whole.prefix(whole.count / 2)), "it has \(whole.count / 2) bytes"),
          (whole + [0], "it has more than"),
        ] {
          try Files.write(bytes, to: path)
          let seen = try place.command("pull", place.name + ":it")
          #expect(seen.ending == .exit(1) && seen.output.isEmpty, "\(seen.said)")
          #expect(seen.errors.contains(cause) && seen.errors.contains(layer), "\(seen.said)")
          #expect(
            seen.errors.hasSuffix(
              "help: try again; 'particle container inspect' shows what the image is now\n"))
          #expect(try !place.kept().contains(layer))
        }
        try Files.write(whole, to: path)
        let mended = try place.command("pull", place.name + ":it")
        #expect(mended.ending == .exit(0), "\(mended.said)")
        #expect(try Files.read("\(place.store)/sources/sha256/\(layer)") == whole)
        #expect(try place.parts() == [])
      }
    }

    @Test func `a signature that this machine requires is looked for`() throws {
      try withImage { place in
        let home = place.folder + "/home"
        try Files.makeDirectories(home + "/.config/containers")
        func inspect(_ policy: String, of name: String = ":it") throws -> Finished {
          try Files.write(Array(policy.utf8), to: home + "/.config/containers/policy.json")
          return try particle(
            ["particle", "container", "inspect", place.name + name],
            through: ["env", "HOME=\(home)", "PARTICLE_CACHE=\(place.folder)/cache"])
        }
        let accept = "[{\"type\": \"insecureAcceptAnything\"}]"
        let reject = "[{\"type\": \"reject\"}]"
        let key = place.folder + "/key.gpg"
        try Files.write([], to: key)
        let signed = "[{\"type\": \"signedBy\", \"keyType\": \"GPGKeys\", \"keyPath\": \"\(key)\"}]"
        let registry = place.registry.address
        let host = registry.prefix { $0 != ":" }
        func docker(_ scopes: String, others: String) -> String {
          "{\"default\": \(others), \"transports\": {\"docker\": {\(scopes)}}}"
        }
        let problem = "does not fulfil this machine's policy"
        for (policy, problem) in [
          ("{\"default\": \(reject)}", problem), ("{\"default\": \(signed)}", problem),
          (docker("\"\(registry)\": \(reject)", others: accept), problem),
          (
            docker(
              "\"\(registry)\": \(reject), \"\(registry)/some\": \(signed)", others: accept),
            problem
          ),
          // For the tag alone, for which skopeo has to be asked by the tag.
          (docker("\"\(registry)/some/image:it\": \(signed)", others: accept), problem),
          (
            docker("\"*.\(host.drop { $0 != "." }.dropFirst())\": \(reject)", others: accept),
            problem
          ),
          ("{\"default\": []}", problem), ("{\"default\": \(accept), \"other\": 1}", problem),
          (docker("\"other.example\": []", others: accept), problem),
          ("{\"default\": [{\"type\": \"insecureAcceptAnything\", \"x\": 1}]}", problem),
          ("{\"default\": ", "policy.json"),
        ] {
          // An image that was found before has to fulfil it, too.
          #expect(try inspect("{\"default\": \(accept)}").ending == .exit(0))
          let seen = try inspect(policy)
          #expect(seen.ending == .exit(1) && seen.output.isEmpty, "\(policy): \(seen.said)")
          #expect(seen.errors.contains(problem), "\(policy): \(seen.errors)")
        }
        for policy in [
          "{\"default\": \(accept)}",
          """
          {"default": \(reject), "transports": {"docker": {"\(registry)": \(accept)},
           "docker-daemon": {"": \(reject)}}}
          """,
          docker("\"\": \(accept)", others: reject),
          docker("\"other.example\": \(reject), \"*.example\": \(signed)", others: accept),
          // It is skopeo that lets this pass.
          docker("\"\(registry)\": \(reject), \"\(registry)/some\": \(accept)", others: accept),
        ] {
          let seen = try inspect(policy)
          #expect(seen.ending == .exit(0), "\(policy): \(seen.said)")
        }
        // A tag beside the digest of an image says nothing of it.
        let own = try inspect("{\"default\": \(accept)}").output
        let digest = try #require(own.split(separator: "\n").first?.split(separator: "@").last)
        let tag = docker("\"\(registry)/some/image:it\": \(accept)", others: reject)
        #expect(try inspect(tag).ending == .exit(0))
        #expect(try inspect(tag, of: ":it@\(digest)").ending == .exit(1))
      }
    }

    @Test func `what cannot be written is told with what to do`() throws {
      try withImage { place in
        let path = "\(place.folder)/file"
        try Files.write([], to: path)
        let seen = try place.command("pull", place.name + ":it", "--store", path)
        #expect(seen.ending == .exit(1) && seen.output.isEmpty, "\(seen.said)")
        #expect(seen.errors.contains("help: choose another directory"), "\(seen.said)")
        let uncached = try particle(
          ["particle", "container", "inspect", place.name + ":it"],
          through: ["env", "PARTICLE_CACHE=\(path)"])
        #expect(uncached.ending == .exit(1) && uncached.output.isEmpty, "\(uncached.said)")
        #expect(uncached.errors.hasSuffix("with --cache or PARTICLE_CACHE\n"), "\(uncached.said)")
        let elsewhere = try particle(
          [
            "particle", "container", "inspect", place.name + ":it", "--cache",
            "\(place.folder)/cache",
          ], through: ["env", "PARTICLE_CACHE=\(path)"])
        #expect(elsewhere.ending == .exit(0), "\(elsewhere.said)")
      }
    }
  }
}
