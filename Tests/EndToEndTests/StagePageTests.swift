import Files
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// docs/stages.md, and the stage in Python that it is about.
  @Suite(.serialized, .besideAnother, .removing("stages")) struct StagePage {
    private static let folder = scratch + "/stages/page"
    private static let examples = folder + "/docs/examples"

    /// Copies the examples to where both users of the chain see them.
    private func copyExamples() throws {
      try Files.makeDirectories(Self.folder + "/docs")
      try tool(
        ["cp", "-rT", Places.repository + "/docs/examples", Self.examples], from: "coreutils")
      try tool(["chmod", "-R", "a+rX", Self.folder], from: "coreutils")
    }

    /// Runs commands in that place, as somebody does who has the programs under test.
    private func shell(_ script: String, store: String) throws -> Command.Outcome {
      try Command(
        [
          "env", "PATH=\(try Places.products()):/usr/sbin:/usr/bin:/sbin:/bin",
          "PARTICLE_STORE=\(store)", "sh", "-euc", script,
        ], directory: Self.folder
      ).run()
    }

    @Test func `the commands do what the page says, and another user gets the same`() throws {
      let chain = try Chain.shared.get()
      let here = try chain.first.separate(in: "stages")
      try copyExamples()

      // One shell for all blocks, as their reader has; a mark is between what they print.
      let page = try Files.readText(Places.repository + "/docs/stages.md")
      let blocks = page.matches(of: /(?s)```sh\n(.*?)```(?:\n+```text\n(.*?)```)?/)
      let mark = "--- next ---\n"
      let script = blocks.map { "\($0.1)echo '\(mark.dropLast())'\n" }.joined()
      let outcome = try shell(script, store: here.store)
      try #require(outcome.ending.isSuccess, "\(outcome.errorText)\(outcome.text)")
      let printed = outcome.text.split(separator: mark, omittingEmptySubsequences: false)
      try #require(printed.count == blocks.count + 1)
      for (block, text) in zip(blocks, printed) {
        if let expected = block.2 { #expect(text == expected, "\(block.1)") }
      }

      var there = try chain.second.separate(in: "stages")
      there.prefix += ["env", "PARTICLE_STAGES=\(Self.examples)"]
      let report = try there.run(Self.folder + "/greeter.json", "particle-run, a stage in Python")
      #expect(report.run.contains("motd"))
      #expect(
        try Files.readText(there.out + "/SHA256SUMS")
          == Files.readText(Self.folder + "/out/SHA256SUMS"))
    }

    @Test func `options that are wrong are told as the page shows`() throws {
      try copyExamples()
      let page = try Files.readText(Places.repository + "/docs/stages.md")
      for (options, said) in [
        (
          #"{"title": "x", "titel": "x"}"#,
          "motd: options: unknown key 'titel'\n  help: the keys are title, lines\n"
        ),
        ("{}", "motd: options: 'title' is missing\n  help: set it to what the box says\n"),
        (
          #"{"title": "x", "lines": ["", 7]}"#,
          "motd: options.lines[1]: expected a string, found 7\n"
        ),
      ] {
        let request = #"{"tree": "nowhere", "options": \#(options)}"#
        let outcome = try shell(
          "echo '\(request)' | docs/examples/particle-stage-motd", store: scratch + "/stages/none")
        #expect(outcome.ending == .exit(2) && outcome.errorText == said, "\(outcome.errorText)")
      }
      #expect(page.contains("  | motd: options: unknown key 'titel'\n  |   help: the keys are "))
    }

    @Test func `ids are computed as docs/manifest.md says`() throws {
      let chain = try Chain.shared.get()
      try copyExamples()
      // Of all the pipelines of an image with two formats; and of characters that JSON escapes.
      let options = #"{"title": "é \u2028 \\ \" \b\f\n\r\t\u0001\u007f"}"#
      let outcome = try shell(
        """
        docs/examples/add-stage '\(chain.manifestPath)' os docs/examples/particle-stage-motd \
          '\(options)' >minimal.json
        PARTICLE_STAGES=docs/examples particle-run minimal.json --plan | grep motd
        """, store: chain.first.store)
      #expect(outcome.ending.isSuccess && outcome.text.hasPrefix("run "), "\(outcome.errorText)")
    }
  }
}
