import Files
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// Input that is wrong is refused with the exit status that says whose fault it is.
  @Suite(.serialized, .besideAnother) struct Refusal {
    @Test func `A manifest with one letter changed`() throws {
      let manifest = try Chain.shared.get().manifests[0]
      let place = try #require(manifest.firstRange(of: "Europe/Berlin"))
      let changed = manifest.replacingCharacters(in: place, with: "Europe/Berlim")
      try refused(run: changed, status: 2, saying: ["timezone", "id"])
    }

    @Test func `A manifest that was cut off`() throws {
      let manifest = try Chain.shared.get().manifests[0]
      try refused(run: String(manifest.dropLast(10)), status: 2, saying: ["JSON"])
    }

    @Test func `A build without network and without downloads`() throws {
      let manifest = try Chain.shared.get().manifests[0]
      try refused(run: manifest, with: ["--offline"], status: 1, saying: [".deb"])
    }

    @Test func `A package that does not exist`() throws {
      try refused(
        compile: "modules: [{type: packages, install: [no-such-package-as-this]}]", status: 1...2,
        saying: ["no-such-package-as-this"])
    }

    @Test func `A key that is not known`() throws {
      try refused(
        compile: "modules:\n  - type: hostname\n    nam: x", status: 2...2,
        saying: ["recipe.yml:6:5", "nam", "name"])
    }

    @Test func `A boot loader without a kernel`() throws {
      try refused(
        compile: "images:\n  - {name: disk, bootloader: systemd-boot}", status: 1...1,
        saying: [
          """
          error: the image 'disk' cannot boot: no package contains a kernel
           -->
          """, "recipe.yml:5:30\n", "help: add linux-image-cloud-",
        ])
    }

    @Test func `A system larger than its disk`() throws {
      try withTemporaryDirectory { folder in
        let recipe =
          "version: 1\nname: bad\nbase: {debian: trixie}\n"
          + "modules: [{type: script, run: truncate --size=1G /large}]\n"
          + "images: [{name: disk, size: 1GiB, bootloader: none}]\n"
        try Files.write(Array(recipe.utf8), to: folder + "/recipe.yml")
        let manifest = folder + "/manifest.json"
        _ = try succeeding(["particle-compile", folder + "/recipe.yml", "-o", manifest])
        // In the usual store: what comes before the disk is there already after other tests.
        let finished = try particle(["particle-run", manifest, "-o", folder + "/out"])
        #expect(finished.ending == .exit(1), "\(finished.said)")
        let says = finished.errors.contains("cannot fit / on the partition 'root'")
        #expect(says && finished.errors.contains("MiB more are needed"), "\(finished.said)")
      }
    }

    @Test func `A mirror that is not there`() throws {
      try refused(
        compile: "modules: []", with: ["--mirror", "http://127.0.0.1:9/debian"], status: 1...1,
        saying: ["127.0.0.1:9"])
    }

    @Test(arguments: [["particle-compile"], ["particle-run"], ["particle", "boot"]])
    func `A command line that is wrong`(command: [String]) throws {
      let finished = try particle(command + ["/nonexistent/input", "--no-such-option"])
      #expect(finished.ending == .exit(2), "\(finished.said)")
      #expect(finished.errors.contains("--no-such-option"), "\(finished.said)")
      #expect(finished.output.isEmpty)
    }

    @Test func `An image that is not there`() throws {
      let finished = try particle(["particle", "boot", "/nonexistent/disk.raw"])
      #expect(finished.ending == .exit(1))
      #expect(
        finished.errors == "error: cannot open /nonexistent/disk.raw: No such file or directory\n")
    }

    /// Expects `particle-run` to refuse a manifest, and to place nothing.
    private func refused(
      run manifest: String, with options: [String] = [], status: Int32, saying parts: [String]
    ) throws {
      try withTemporaryDirectory { folder in
        try Files.write(Array(manifest.utf8), to: folder + "/manifest.json")
        let finished = try particle(
          ["particle-run", folder + "/manifest.json", "-o", folder + "/out"]
            + ["--store", folder + "/store"] + options)
        #expect(finished.ending == .exit(status), "\(finished.said)")
        for part in parts { #expect(finished.errors.contains(part), "\(finished.said)") }
        #expect(!Files.exists(folder + "/out/disk.raw"))
      }
    }

    /// Expects `particle-compile` to refuse a recipe on trixie, and to write nothing.
    private func refused(
      compile recipe: String, with options: [String] = [], status: ClosedRange<Int32>,
      saying parts: [String]
    ) throws {
      try withTemporaryDirectory { folder in
        let whole = "version: 1\nname: bad\nbase: {debian: trixie}\n\(recipe)\n"
        try Files.write(Array(whole.utf8), to: folder + "/recipe.yml")
        let finished = try particle(["particle-compile", folder + "/recipe.yml"] + options)
        let endings = status.map { Command.Ending.exit($0) }
        #expect(endings.contains(finished.ending), "\(finished.said)")
        for part in parts { #expect(finished.errors.contains(part), "\(finished.said)") }
        #expect(finished.output.isEmpty)
      }
    }
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    var copy = self
    copy.replaceSubrange(range, with: text)
    return copy
  }
}
