import Files
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// The examples in `ci/`, which people copy into their projects.
  @Suite(.serialized, .besideAnother, .removing("ci")) struct Integration {
    private static let folder = Places.repository + "/ci"

    /// Runs one of the scripts where the programs under test are on PATH.
    private func run(_ script: String, _ arguments: [String], summary: String? = nil) throws
      -> Command.Outcome
    {
      try Command(
        [
          "env", "PATH=\(try Places.products()):/usr/sbin:/usr/bin:/sbin:/bin",
          "GITHUB_STEP_SUMMARY=\(summary ?? "")", "\(Self.folder)/\(script)",
        ] + arguments
      ).run()
    }

    @Test func `a build keeps to its lock, tells what the recipe changes, and a lock is updated`()
      throws
    {
      let chain = try Chain.shared.get()
      let place = scratch + "/ci"
      try Files.makeDirectories(place)
      try tool(
        ["cp", "-r", Places.repository + "/recipes", chain.manifestPath, place], from: "coreutils")
      let (recipe, lock) = (place + "/recipes/minimal.yml", place + "/minimal.json")
      let options = ["--store", chain.first.store, "--export", "disk.qcow2"]

      let first = try run("build.sh", [recipe, lock, place + "/out"] + options)
      #expect(first.ending.isSuccess, "\(first.errorText)")
      #expect(try Files.readText(place + "/out/CHANGES.md") == "No differences.\n")
      #expect(
        try Files.readText(place + "/out/SHA256SUMS").split(separator: " ").first
          == Files.readText(chain.first.out + "/SHA256SUMS").split(separator: "\n")
          .first { $0.hasSuffix(" disk.qcow2") }?.split(separator: " ").first)

      // What somebody proposes is told, and not built into the lock.
      try Files.write(
        Array(try Files.readText(recipe).replacing("layout: us", with: "layout: de").utf8),
        to: recipe)
      let changed = try run(
        "build.sh", [recipe, lock, place + "/out", "--plan"] + options,
        summary: place + "/summary.md")
      #expect(changed.ending.isSuccess, "\(changed.errorText)")
      let told = try Files.readText(place + "/out/CHANGES.md")
      #expect(
        told.contains("### Settings of os") && told.contains("### Stages to run again"), "\(told)")
      #expect(try Files.readText(place + "/summary.md") == told)

      let before = try Files.readText(lock)
      let update = try run("update-lock.sh", [recipe, lock])
      #expect(update.ending.isSuccess && update.text == told, "\(update.errorText)\(update.text)")
      #expect(try Files.readText(lock) != before)
      let again = try run("update-lock.sh", [recipe, lock])
      #expect(again.ending.isSuccess && again.text == "No differences.\n", "\(again.errorText)")

      // A failure is one, and what was there stays.
      try Files.write(Array("version: 1\n".utf8), to: recipe)
      let kept = try Files.readText(lock)
      for (script, rest) in [("build.sh", [place + "/out"]), ("update-lock.sh", [])] {
        let broken = try run(script, [recipe, lock] + rest)
        #expect(broken.ending == .exit(2), "\(script): \(broken.errorText)")
      }
      #expect(try Files.readText(lock) == kept)
    }

    @Test func `the scripts say how they are called`() throws {
      for script in ["build.sh", "update-lock.sh"] {
        let outcome = try run(script, [])
        #expect(outcome.ending == .exit(2), "\(outcome.errorText)")
        #expect(outcome.errorText.hasPrefix("  \(script) RECIPE LOCK"), "\(outcome.errorText)")
      }
    }

    @Test func `shellcheck takes them`() throws {
      try tool(
        ["shellcheck", Self.folder + "/build.sh", Self.folder + "/update-lock.sh"],
        from: "shellcheck")
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `the schemas of GitHub and GitLab take the rest`() throws {
      let check = """
        python3 -m venv "$2"
        "$2/bin/pip" install --quiet --disable-pip-version-check check-jsonschema
        check="$2/bin/check-jsonschema"
        "$check" --builtin-schema vendor.github-actions "$1/github/action.yml"
        "$check" --builtin-schema vendor.github-workflows "$1/github/build.yml" "$1/github/update.yml"
        # The second of a component's documents is what is included.
        sed '1,/^---$/d' "$1/gitlab/image.yml" >"$2/image.yml"
        "$check" --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci "$2/image.yml"
        """
      try tool(
        ["sh", "-euc", check, "sh", Self.folder, scratch + "/ci/venv"], from: "python3-venv")
    }
  }
}
