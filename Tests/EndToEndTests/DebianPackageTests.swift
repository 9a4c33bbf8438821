import Files
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// What people install, and what they find there.
  @Suite(.serialized, .besideAnother, .removing("package")) struct DebianPackage {
    /// The package of the programs under test, built from the sources that git has or would have.
    static let built = Result { () throws(Failure) -> String in
      let place = scratch + "/package/particle-os"
      try Files.makeDirectories(place)
      let copy = """
        cd "$1"
        git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$2"
        cd "$2"
        BIN="$3" dpkg-buildpackage --build=binary --no-sign --no-check-builddeps
        """
      // Tight compression takes minutes.
      let level = FullTest.isOn ? [] : ["DPKG_DEB_COMPRESSOR_TYPE=none"]
      try tool(
        ["env"] + level
          + ["sh", "-euc", copy, "sh", Places.repository, place, try Places.products()],
        from: "debhelper")
      return scratch + "/package/particle-os_\(particleVersion)_amd64"
    }

    @Test func `The version is the same everywhere`() throws {
      let changelog = try Files.readText(Places.repository + "/debian/changelog")
      #expect(changelog.hasPrefix("particle-os (\(particleVersion)) "))
      let news = try Files.readText(Places.repository + "/CHANGELOG.md")
      let first = news.split(separator: "\n").first { $0.hasPrefix("## ") && $0 != "## Unreleased" }
      #expect(first?.hasPrefix("## \(particleVersion) ") == true)
      for page in [
        "README.md", "docs/tutorial.md", "docs/install.md", "docs/ci.md", "ci/github/build.yml",
        "ci/github/update.yml",
      ] {
        let text = try Files.readText(Places.repository + "/" + page)
        let names = text.matches(of: /particle-os_([0-9.]+)_/).map(\.1)
        #expect(!names.isEmpty && names.allSatisfy { $0 == particleVersion }, "\(page): \(names)")
      }
    }

    @Test func `A release sets it`() throws {
      let place = scratch + "/package/release"
      try Files.makeDirectories(place)
      try tool(
        [
          "sh", "-euc",
          """
          cd "$1"
          git ls-files -z --cached --others --exclude-standard -- CHANGELOG.md README.md Sources/Model \
            ci debian docs tools |
            xargs -0 cp --parents -t "$2"
          """, "sh", Places.repository, place,
        ], from: "git")
      let release = [place + "/tools/release"]
      #expect(try Command(release + ["3"]).run().ending == .exit(2))
      let news = place + "/CHANGELOG.md"
      let text = try Files.readText(news)
      if !text.contains("\n## Unreleased\n") {
        #expect(try Command(release + ["9.8.7"]).run().ending == .exit(1))
        try Files.write(Array("## Unreleased\n\n\(text)".utf8), to: news)
      }
      _ = try Command(release + ["9.8.7"]).runChecked()
      let log = try tool(
        ["dpkg-parsechangelog", "-l", place + "/debian/changelog", "-S", "Version"],
        from: "dpkg-dev")
      #expect(log == "9.8.7\n")
      #expect(try Files.readText(place + "/Sources/Model/Version.swift").contains("\"9.8.7\""))
      #expect(try Files.readText(news).contains("## 9.8.7 ("))
      for page in ["docs/install.md", "docs/tutorial.md", "README.md", "ci/github/build.yml"] {
        let text = try Files.readText(place + "/" + page)
        #expect(text.contains("particle-os_9.8.7_amd64.deb"), "\(page)")
      }
    }

    @Test func `The recipe in the README can be compiled as it is printed`() throws {
      let text = try Files.readText(Places.repository + "/README.md")
      let recipe = try #require(text.firstMatch(of: /(?s)```yaml\n(version: 1\n.*?)```/)?.1)
      let place = scratch + "/package/readme"
      try Files.makeDirectories(place)
      try Files.write(Array(recipe.utf8), to: place + "/web.yml")
      let said = try particle(["particle-compile", place + "/web.yml", "-o", place + "/web.json"])
      #expect(said.ending == .exit(0) && said.errors == "", "\(said.said)")
    }

    @Test func `Recipes in the documentation are right`() throws {
      let place = scratch + "/package/pages"
      try Files.makeDirectories(place)
      let folder = Places.repository + "/docs/"
      for page in try Files.names(in: folder) where page.hasSuffix(".md") {
        let blocks = try Files.readText(folder + page).matches(
          of: /(?s)```yaml\n(version: 1\s.*?)```/)
        for (index, block) in blocks.enumerated() {
          let recipe = "\(place)/\(page)-\(index).yml"
          try Files.write(Array(block.1.utf8), to: recipe)
          let said = try particle(["particle", "validate", "-q", recipe])
          #expect(said.ending == .exit(0), "\(page): \(said.said)")
        }
      }
    }

    @Test func `Unpacked, it has all that its programs look for`() throws {
      let place = scratch + "/package/root"
      try tool(["dpkg-deb", "-x", try Self.built.get() + ".deb", place], from: "dpkg")
      let bin = place + "/usr/bin/"
      let version = try Command([bin + "particle", "--version"]).runChecked().text
      #expect(version == "particle \(particleVersion)\n")
      try #require(Files.exists(place + "/usr/share/doc/particle-os/examples/ci/build.sh"))
      // Templates, the recipe's schema, and a build that takes a stage.
      let recipe = place + "/own"
      let written = try Command([bin + "particle", "init", "iot", "-o", recipe]).runChecked()
      #expect(written.errorText == "particle: build it with: particle build \(recipe)/iot.yml\n")
      _ = try Command([bin + "particle", "validate", recipe + "/iot.yml"]).runChecked()
      let stages = try Files.names(in: place + "/usr/libexec/particle")
      let contracts = try Files.names(in: Places.repository + "/schemas/stages").map {
        "particle-stage-" + $0.dropLast(".schema.json".count)
      }
      #expect(
        Set(stages) == Set(contracts + ["particle-init", "particle-read-ext"]), "\(stages)")
    }

    @Test func `Each command has a manual page, which mandoc takes`() throws {
      let place = scratch + "/package/man"
      let programs = try ["particle", "particle-compile", "particle-run"].map(Places.program)
      _ = try Command([Places.repository + "/tools/man-pages", place] + programs).runChecked()
      let pages = try Files.names(in: place)
      #expect(
        pages.contains("particle-vm.1") && pages.contains("particle-store-gc.1")
          && pages.contains("particle-run.1"), "\(pages)")
      try tool(
        ["mandoc", "-T", "lint", "-W", "warning"] + pages.map { "\(place)/\($0)" }, from: "mandoc")
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `lintian has nothing to say`() throws {
      let said = try tool(
        [
          "lintian", "--allow-root", "--fail-on", "error,warning",
          try Self.built.get() + ".changes",
        ],
        from: "lintian")
      #expect(said == "")
    }

    @Test(
      .enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"),
      arguments: ["bookworm", "trixie"])
    func `Somebody walks the tutorial in a clean Debian`(suite: String) throws {
      let transcript = suite == "trixie" ? "tutorial-transcript.md" : nil
      let time = try walk("tutorial", suite: suite, transcript: transcript)
      try FullTest.prove("tutorial", [suite, time], key: 1)
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `The scripts for CI run in a clean Debian`() throws {
      let time = try walk("ci", suite: "trixie", transcript: "ci-transcript.md")
      try FullTest.prove("walks", ["ci", "trixie", time], key: 2)
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `A build in a container gives what one outside gives`() throws {
      let time = try walk("container", suite: "trixie", transcript: nil)
      try FullTest.prove("walks", ["container", "trixie", time], key: 2)
    }

    /// Runs one of `tools/walk-*` in a clean Debian.
    ///
    /// - Parameters:
    ///   - name: What is after `walk-`.
    ///   - suite: Debian's release.
    ///   - transcript: The page of docs that it writes; nil for none.
    /// - Returns: How long it took, as its last line says.
    /// - Throws: When the walk fails.
    private func walk(_ name: String, suite: String, transcript: String?) throws -> String {
      let root = scratch + "/package/\(name)-\(suite)"
      let page = transcript.map { [Places.repository + "/docs/" + $0] } ?? []
      let words = [try Self.built.get() + ".deb", suite, root] + page
      let said = try Command([Places.repository + "/tools/walk-\(name)"] + words).runChecked().text
      let time = said.split(separator: "\n").last.map(String.init) ?? ""
      try #require(time.hasPrefix("the ") && time.contains(" took "), "\(said)")
      return time
    }
  }
}
