import Files
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// What a packages module says, in a real system.
  @Suite(.serialized) struct PackagesOfASystem {
    private let place = scratch + "/packages"

    /// A package that writes what it was answered into a file.
    private func writePackage() throws {
      let tree = "\(place)/mine/DEBIAN"
      try Files.makeDirectories(tree)
      let files = [
        "control": """
        Package: mine
        Version: 1
        Architecture: all
        Maintainer: Nobody <nobody@example.org>
        Depends: debconf, hello
        Description: a package

        """,
        "templates": "Template: mine/tone\nType: string\nDefault: quiet\nDescription: tone\n",
        "postinst": """
        #!/bin/sh
        set -e
        . /usr/share/debconf/confmodule
        db_get mine/tone
        echo "$RET" >/etc/mine

        """,
      ]
      for (name, text) in files { try Files.write(Array(text.utf8), to: "\(tree)/\(name)") }
      try tool(["chmod", "755", "\(tree)/postinst"], from: "coreutils")
      try tool(
        ["dpkg-deb", "--root-owner-group", "--build", "\(place)/mine", "\(place)/mine.deb"],
        from: "dpkg")
    }

    @Test func `answers, package files, holds and sources reach the system`() throws {
      // It empties the folder that this test uses, too.
      let chain = try Chain.shared.get()
      try Files.makeDirectories(place)
      try writePackage()
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
