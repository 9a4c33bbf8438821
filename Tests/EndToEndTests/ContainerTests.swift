import Boot
import Files
import JSON
import Model
import TestSupport
import Testing

extension EndToEnd {
  /// A system that starts from a container image in a registry.
  @Suite(.serialized, .besideAnother, .removing("containers")) struct Containers {
    private static let pair = Result { () throws(Failure) in try Pair(in: "containers") }
    /// A Debian system of our own in layers.
    private static let image = Result { () throws(Failure) in
      try pair.get().build(recipe: "container")[0] + "/root.oci:latest"
    }

    private let place = scratch + "/containers"

    @Test func `A package comes on top of an image of a registry`() throws {
      let image = try Self.image.get()
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
          let folders = try Self.pair.get().build(manifest, as: name)
          try tool(["cmp"] + folders.map { $0 + "/SHA256SUMS" }, from: "diffutils")
          let kept = try succeeding([
            "particle-compile", "\(place)/\(name).yml", "--lock", manifest, "--offline",
          ])
          #expect(try kept == Files.readText(manifest))
          return folders[0]
        }

        // And the same unpacked by umoci.
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

    /// A system with images in it, built in two places, with the same bytes.
    private struct Stored {
      var disk: String
      /// What `podman images` has of each: name, digest and that it is read-only.
      var listed: String
      /// The image that came from a registry.
      var name: String
    }

    private static let stored = Result { try store() }

    private static func store() throws -> Stored {
      let stored = scratch + "/containers/stored"
      try Files.makeDirectories(stored)
      // Layers of a Debian system; and the same with one more, which adds and removes.
      let debian = "\(stored)/debian:it"
      func skopeo(_ source: String, _ target: String) throws {
        try tool(
          ["skopeo", "--insecure-policy", "copy", "--quiet", source, target], from: "skopeo")
      }
      try skopeo("oci:" + (try image.get()), "oci:" + debian)
      try tool(
        [
          "sh", "-euc",
          """
          mkdir -p $1/top/etc/apt $1/top/usr/share/doc
          echo 'from the top' >$1/top/etc/top
          touch $1/top/etc/.wh.hostname $1/top/etc/apt/.wh..wh..opq $1/top/usr/share/.wh.doc
          rmdir $1/top/usr/share/doc
          tar -C $1/top --sort=name --mtime=@0 --owner=0 --group=0 -cf $1/top.tar etc usr
          umoci tag --image $2 app
          umoci raw add-layer --image ${2%:*}:app $1/top.tar
          """, "sh", stored, debian,
        ], from: "umoci")
      try skopeo("oci:\(stored)/debian:app", "oci-archive:\(stored)/app.tar:app")
      func digest(_ image: String) throws -> String {
        try tool(
          ["skopeo", "inspect", "--format", "{{.Digest}}", "oci:\(stored)/debian:\(image)"],
          from: "skopeo"
        ).filter { !$0.isNewline }
      }
      return try Registry.with(in: stored) { registry in
        try registry.push("oci:" + debian, as: "system/debian:trixie")
        let name = "\(registry.address)/system/debian:trixie"
        let recipe = """
          version: 1
          name: stored
          base: {debian: trixie}
          modules:
            - type: packages
              install: [linux-image-cloud-amd64, systemd-sysv, dbus, uidmap]
            - type: users
              users:
                - {name: root, password-hash: "\(Self.password)"}
                - {name: somebody, uid: 1000}
            - type: containers
              images:
                - docker://\(name)
                - {image: "oci-archive:app.tar", name: localhost/app:1}
          images: [{name: disk, formats: [raw], size: 4GiB}]
          """
        try Files.write(Array(recipe.utf8), to: "\(stored)/stored.yml")
        let manifest = "\(stored)/stored.json"
        _ = try succeeding(["particle-compile", "\(stored)/stored.yml", "-o", manifest])
        let folders = try pair.get().build(manifest, as: "stored")
        try tool(["cmp"] + folders.map { $0 + "/SHA256SUMS" }, from: "diffutils")
        let kept = try succeeding([
          "particle-compile", "\(stored)/stored.yml", "--lock", manifest, "--offline",
        ])
        #expect(try kept == Files.readText(manifest))
        let listed = [
          "\(name) \(try digest("it")) true", "localhost/app:1 \(try digest("app")) true",
        ].sorted().joined(separator: "\n")
        return Stored(disk: "\(folders[0])/disk.raw", listed: listed, name: name)
      }
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `Images come into a system with the same bytes everywhere`() throws {
      _ = try Self.stored.get()
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `podman starts images that came with the system, without a network`() throws {
      let stored = try Self.stored.get()
      let format = "'{{.Repository}}:{{.Tag}} {{.Digest}} {{.ReadOnly}}'"
      let run = "podman run --rm --network=none"
      try Start().prove(
        stored.disk, memory: 2048, "podman starts images that came with it",
        [
          ("podman images --digests --format \(format) | LC_ALL=C sort", stored.listed),
          ("\(run) \(stored.name) /etc/debian_version | cut -d. -f1", "13"),
          ("\(run) localhost/app:1 /etc/top", "from the top"),
          (
            "\(run) --entrypoint /bin/sh localhost/app:1 -c 'for f in /etc/apt/* /usr/share/doc; do"
              + " ! test -e $f || echo $f; done; touch /etc/apt/x; ls /etc/apt; id -u'",
            "x\n0"
          ),
          // All layers can be made again as they were.
          ("podman system check --quick=false && echo sound", "sound"),
          (
            "podman push --quiet localhost/app:1 dir:/tmp/app &&"
              + " podman image inspect -f '{{.Id}}' localhost/app:1 | cut -c -64 |"
              + " xargs -I{} test -e /tmp/app/{} && echo whole",
            "whole"
          ),
          // A user's podman does not look there, and takes a copy. It warns of what su does not bring.
          ("su - somebody -c 'podman images --quiet' 2>/dev/null", ""),
          (
            "podman save --quiet -o /tmp/app.tar localhost/app:1; chmod 644 /tmp/app.tar;"
              + " su - somebody -c 'podman load --quiet -i /tmp/app.tar >/dev/null &&"
              + " \(run) --cgroups=disabled localhost/app:1 /etc/top' 2>/tmp/said || cat /tmp/said",
            "from the top"
          ),
        ])
    }

    /// The word `particle`, as mkpasswd(1) has it.
    private static let password =
      "$6$particle$qGQvmafmH3kOD8DkBDjY2B.oq88BQVR13JZzDWDzBFAopCTcMgPGJrzXdIfLTmm63ZGPxsjfd3l77VeBttTUh."

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
