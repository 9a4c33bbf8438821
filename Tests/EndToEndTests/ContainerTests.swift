import Files
import JSON
import Model
import TestSupport
import Testing

extension EndToEnd {
  /// A system that starts from a container image in a registry.
  @Suite(.serialized) struct Containers {
    private let place = scratch + "/containers"

    @Test func `A package comes on top of an image of a registry`() throws {
      // A Debian system of our own in layers, and the same unpacked by umoci.
      let image = try Formats.built.get()[0] + "/root.oci:latest"
      let chain = try Chain.shared.get()
      try Files.removeTree(place)
      try Files.makeDirectories(place)
      try Registry.with(in: place) { registry in
        try registry.push("oci:" + image, as: "system/debian:trixie")
        func build(_ name: String, _ modules: String) throws -> String {
          let recipe = """
            version: 1
            name: \(name)
            base: {container: "docker://\(registry.address)/system/debian:trixie"}
            \(modules)
            images: [{name: \(name), formats: [directory, oci]}]
            """
          try Files.write(Array(recipe.utf8), to: "\(place)/\(name).yml")
          let manifest = "\(place)/\(name).json"
          _ = try succeeding(["particle-compile", "\(place)/\(name).yml", "-o", manifest])
          for (store, out) in [(chain.first.store, "out"), (chain.second.store, "out-2")] {
            _ = try succeeding(
              ["particle-run", manifest, "--store", store, "-o", "\(place)/\(name)-\(out)"])
          }
          try tool(
            ["cmp"] + ["out", "out-2"].map { "\(place)/\(name)-\($0)/SHA256SUMS" },
            from: "diffutils")
          let kept = try succeeding([
            "particle-compile", "\(place)/\(name).yml", "--lock", manifest, "--offline",
          ])
          #expect(try kept == Files.readText(manifest))
          return "\(place)/\(name)-out"
        }

        let plain = try build("plain", "")
        try tool(["umoci", "unpack", "--image", image, place + "/umoci"], from: "umoci")
        let wanted = try summary(of: place + "/umoci/rootfs")
        let seen = try summary(of: plain + "/plain.directory")
        #expect(seen == wanted, "\(lineDifference(from: wanted, to: seen))")

        let more = try build(
          "more",
          """
          modules:
            - {type: packages, install: [hello], remove: [less]}
            - {type: hostname, name: more}
          """)
        func inTree(_ words: [String]) throws -> String {
          try tool(
            ["bwrap", "--bind", more + "/more.directory", "/", "--dev", "/dev"] + words,
            from: "bubblewrap")
        }
        #expect(try inTree(["hello"]) == "Hello, world!\n")
        #expect(try inTree(["cat", "/etc/hostname"]) == "more\n")
        #expect(try inTree(["dpkg", "--audit"]) == "")
        let names = try inTree(["dpkg-query", "-W", "-f", "${Package}\\n"]).split(separator: "\n")
        #expect(names.contains("hello") && !names.contains("less"))
        #expect(try inTree(["apt-mark", "showmanual"]).contains("hello"))
        // What a container of the image starts is what one of its base starts.
        let said = try tool(
          ["skopeo", "inspect", "--config", "oci:\(more)/more.oci:latest"], from: "skopeo")
        #expect(
          said.filter { !$0.isWhitespace }.contains("\"Entrypoint\":[\"/bin/cat\"]"), "\(said)")
        let changes = try particle([
          "particle", "diff", "\(place)/plain.json", "\(place)/more.json",
        ])
        #expect(changes.output.contains("hello"), "\(changes.said)")
      }
    }

    /// Everything about a folder's files but the times of folders that nothing in an image names.
    private func summary(of folder: String) throws -> String {
      try tool(
        [
          "sh", "-c",
          """
          cd "$1"
          find . -mindepth 1 -type d -printf '%P %y %m %U:%G %Ts\\n' \
            -o -type f -printf '%P %y %m %U:%G %n %s %Ts\\n' \
            -o -printf '%P %y %m %U:%G %l %Ts\\n' | LC_ALL=C sort
          find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
          """, "sh", folder,
        ], from: "findutils")
    }
  }
}
