import Compiler
import Files
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// What a packages module says, in a real system.
  @Suite(.serialized, .besideAnother) struct PackagesOfASystem {
    private let place = scratch + "/packages"

    /// Makes the file of a package from the files of its DEBIAN folder, scripts among them.
    private func writePackage(_ name: String, fields: String = "", _ files: [String: String])
      throws
    {
      let tree = "\(place)/\(name)/DEBIAN"
      try Files.makeDirectories(tree)
      let control = """
        Package: \(name)
        Version: 1
        Architecture: all
        Maintainer: Nobody <nobody@example.org>
        Description: a package
        \(fields)

        """
      try Files.write(
        Array(control.replacing("\n\n", with: "\n").utf8), to: "\(tree)/control")
      for (name, text) in files {
        try Files.write(Array(text.utf8), to: "\(tree)/\(name)")
        if name != "templates" { try tool(["chmod", "755", "\(tree)/\(name)"], from: "coreutils") }
      }
      try tool(
        ["dpkg-deb", "--root-owner-group", "--build", "\(place)/\(name)", "\(place)/\(name).deb"],
        from: "dpkg")
    }

    /// Writes a recipe that installs such packages, and compiles it.
    private func compile(_ name: String, _ packages: [String]) throws -> String {
      let files = packages.map { "\($0).deb" }.joined(separator: ", ")
      let recipe = """
        version: 1
        name: \(name)
        base: {debian: trixie}
        modules:
          - {type: packages, files: [\(files)]}
        """
      try Files.write(Array(recipe.utf8), to: "\(place)/\(name).yml")
      let manifest = "\(place)/\(name).json"
      _ = try succeeding(["particle-compile", "\(place)/\(name).yml", "-o", manifest])
      return manifest
    }

    @Test func `the packages that are suggested for names from elsewhere are there`() throws {
      try Files.makeDirectories(place)
      let names = Set(ForeignPackages.debian.values).sorted().joined(separator: ", ")
      let recipe = """
        version: 1
        name: suggested
        base: {debian: trixie}
        modules:
          - {type: packages, install: [docker.io, \(names)]}
        """
      try Files.write(Array(recipe.utf8), to: place + "/suggested.yml")
      _ = try succeeding([
        "particle-compile", place + "/suggested.yml", "-o", place + "/suggested.json",
      ])
    }

    @Test func `a package finds what it pre-depends on configured, with what that depends on`()
      throws
    {
      let chain = try Chain.shared.get()
      try Files.makeDirectories(place)
      let preinst = "#!/bin/sh\nset -e\ngrep -q ready /etc/early\ngetent passwd root >/dev/null\n"
      try writePackage("server", fields: "Pre-Depends: daemon-user", ["preinst": preinst])
      try writePackage("chosen", fields: "Provides: daemon-user\nDepends: deeper", [:])
      try writePackage("deeper", ["postinst": "#!/bin/sh\necho ready >/etc/early\n"])
      // Its name makes apt unpack it before the others.
      try writePackage("another", fields: "Pre-Depends: server", ["preinst": preinst])
      let manifest = try compile("early", ["server", "chosen", "deeper", "another"])
      _ = try succeeding(
        ["particle-run", manifest, "--store", chain.first.store, "-o", "\(place)/out"])
    }

    @Test func `a package whose script fails is named, with what the script said`() throws {
      let chain = try Chain.shared.get()
      try Files.makeDirectories(place)
      let script = "#!/bin/sh\necho 'something is missing: /dev/sda' >&2\nexit 3\n"
      try writePackage("failer", ["postinst": script])
      let manifest = try compile("failing", ["failer"])
      let outcome = try particle([
        "particle-run", manifest, "--store", chain.first.store, "-o", "\(place)/out",
      ])
      #expect(outcome.ending == .exit(1))
      let lines = outcome.errors.split(separator: "\n")
      let begin = try #require(
        lines.firstIndex { $0.contains("debian.packages: cannot install the package 'failer'") })
      let told = lines[(begin + 1)...].prefix(4).joined(separator: "\n")
      #expect(
        told == """
            |   Setting up failer (1) ...
            |   something is missing: /dev/sda
            |   dpkg: error processing package failer (--configure):
            |    installed failer package post-installation script subprocess returned error exit status 3
          """, "\(outcome.errors)")
      #expect(lines.allSatisfy { $0.count < 450 })
    }

    @Test func `a private key that a package makes is not in the system`() throws {
      let chain = try Chain.shared.get()
      try Files.makeDirectories(place)
      let script = """
        #!/bin/sh
        printf -- '-----BEGIN PRIVATE KEY-----\\nnot a secret, %s\\n-----END PRIVATE KEY-----\\n' "$(date +%N)" \\
          >/etc/maker.pem

        """
      try writePackage("maker", ["postinst": script])
      func build(_ keys: String) throws -> Finished {
        let recipe = """
          version: 1
          name: keys
          base: {debian: trixie}
          modules:
            - {type: packages, files: [maker.deb]\(keys)}
          """
        try Files.write(Array(recipe.utf8), to: "\(place)/keys.yml")
        let manifest = "\(place)/keys.json"
        _ = try succeeding(["particle-compile", "\(place)/keys.yml", "-o", manifest])
        return try particle([
          "particle-run", manifest, "--store", chain.first.store, "-o", "\(place)/out",
        ])
      }
      let refused = try build("")
      #expect(refused.ending == .exit(1))
      #expect(refused.errors.contains("keys.yml:3 base"), "\(refused.said)")
      #expect(refused.errors.contains("would share: /etc/maker.pem"), "\(refused.said)")
      #expect(refused.errors.contains("'machine-keys: [/etc/maker.pem]'"), "\(refused.said)")
      let missing = try build(", machine-keys: [/etc/maker.pem, /etc/other.pem]")
      #expect(missing.errors.contains("no package created a key there"), "\(missing.said)")
      // As the remedy says.
      let built = try build(", machine-keys: [/etc/maker.pem]")
      #expect(built.ending == .exit(0), "\(built.said)")
      let list = try tool(["tar", "-tf", "\(place)/out/keys.tar"], from: "tar")
      #expect(!list.contains("maker.pem") && list.contains("./etc/hosts"))
    }

    @Test func `an answer that no package asks for is refused`() throws {
      let recipe = """
        version: 1
        name: preseed
        base: {debian: trixie}
        modules:
          - {type: packages, install: [man-db], debconf: [man-db man-db/auto-updat boolean false]}
        """
      try Files.makeDirectories(place)
      try Files.write(Array(recipe.utf8), to: "\(place)/preseed.yml")
      let manifest = "\(place)/preseed.json"
      _ = try succeeding(["particle-compile", "\(place)/preseed.yml", "-o", manifest])
      let refused = try particle([
        "particle-run", manifest, "--store", try Chain.shared.get().first.store, "-o",
        "\(place)/out",
      ])
      #expect(refused.ending == .exit(1))
      #expect(
        refused.errors.contains("no installed package asks 'man-db/auto-updat'")
          && refused.errors.contains("did you mean 'man-db/auto-update'?"), "\(refused.said)")
    }

    @Test func `answers, package files, holds and sources reach the system`() throws {
      let chain = try Chain.shared.get()
      try Files.makeDirectories(place)
      // It writes what it was answered into a file.
      try writePackage(
        "mine", fields: "Depends: debconf, hello",
        [
          "templates": "Template: mine/tone\nType: string\nDefault: quiet\nDescription: tone\n",
          "postinst": """
          #!/bin/sh
          set -e
          . /usr/share/debconf/confmodule
          db_get mine/tone
          echo "$RET" >/etc/mine

          """,
        ])
      let recipe = """
        version: 1
        name: packages
        variables: {tone: quiet, host: {type: text}}
        base: {debian: trixie}
        modules:
          - type: packages
            install: [hello]
            files: [mine.deb]
            debconf: ["mine mine/tone string ${{ tone }}"]
            hold: [hello]
          - {type: hostname, name: "${{ host }}"}
          - {type: hostname, name: never, when: {release: sid}}
          - type: apt-sources
            sources: [{name: debian, url: "https://HOST/debian", suites: [trixie]}]
        """
      try Files.write(Array(recipe.utf8), to: "\(place)/recipe.yml")
      let settings = ["--set", "tone=loud", "--set", "host=box"]
      let manifest = "\(place)/manifest.json"
      _ = try succeeding(
        ["particle-compile", "\(place)/recipe.yml", "-o", manifest] + settings)
      // Kept without a network: an address where nothing listens.
      let again = try succeeding(
        ["particle-compile", "\(place)/recipe.yml", "--lock", manifest] + settings
          + ["--mirror", "http://127.0.0.1:9/debian"])
      #expect(try again == Files.readText(manifest))
      // Asked anew, of the same lists.
      let anew = try succeeding(
        ["particle-compile", "--lock", manifest, "--offline"] + settings
          + ["--update", "\(place)/recipe.yml"])
      #expect(try anew == Files.readText(manifest))

      _ = try succeeding(
        ["particle-run", manifest, "--store", chain.first.store, "-o", "\(place)/out"])
      func member(_ name: String) throws -> String {
        try tool(["tar", "-xOf", "\(place)/out/packages.tar", "./\(name)"], from: "tar")
      }
      #expect(try member("etc/mine") == "loud\n")
      #expect(try member("etc/hostname") == "box\n")
      #expect(try member("etc/apt/sources.list.d/debian.sources").contains("https://HOST/debian"))
      let status = try member("var/lib/dpkg/status").split(separator: "\n\n")
      let hello = try #require(status.first { $0.hasPrefix("Package: hello\n") })
      #expect(hello.contains("\nStatus: hold ok installed\n"))
      let extended = try member("var/lib/apt/extended_states")
      #expect(!extended.contains("Package: mine\n") && !extended.contains("Package: hello\n"))
    }
  }
}
