import Files
import JSON
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// What is told of the chain's image to others: bills of materials, statements, and their comparison.
  @Suite(.serialized, .besideAnother, .removing("provenance")) struct Provenance {
    private static let folder = scratch + "/provenance"
    private let chain: Chain

    init() throws {
      chain = try Chain.shared.get()
      try Files.makeDirectories(Self.folder)
    }

    private func bill(_ format: String) throws -> String {
      try succeeding([
        "particle", "sbom", chain.manifestPath, "--format", format, "--store", chain.first.store,
        "--supplier", "Example",
      ])
    }

    @Test func `a bill names the image's packages and their licences, twice the same`() throws {
      for format in ["spdx", "cyclonedx"] {
        let bill = try bill(format)
        #expect(try self.bill(format) == bill)
        #expect(bill.contains("\"name\": \"linux-image-"))
        #expect(bill.contains("\"pkg:deb/debian/base-files@"))
        #expect(bill.contains("GPL-2.0-or-later"))
        // The build's tools are not in the image.
        #expect(!bill.contains("\"name\": \"mtools\""))
      }
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full: it fetches validators"))
    func `validators of other people accept the bills`() throws {
      let python = Self.folder + "/python"
      try tool(["python3", "-m", "venv", python], from: "python3-venv")
      try tool(
        [
          python + "/bin/pip", "install", "--quiet", "spdx-tools", "ntia-conformance-checker",
          "cyclonedx-python-lib[json-validation]",
        ], from: "python3-venv")
      for format in ["spdx", "cyclonedx"] {
        try Files.write(
          Array(try bill(format).utf8), to: "\(Self.folder)/\(format).json")
      }
      let spdx = Self.folder + "/spdx.json"
      try tool([python + "/bin/pyspdxtools", "-i", spdx], from: "spdx-tools")
      let checked = try tool(
        [python + "/bin/ntia-checker", "--file", spdx], from: "ntia-conformance-checker")
      #expect(checked.contains("Conformant: True"), "\(checked)")
      let script = """
        import sys
        from cyclonedx.schema import SchemaVersion
        from cyclonedx.validation.json import JsonStrictValidator
        error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
        sys.exit(str(error) if error else 0)
        """
      try tool(
        [python + "/bin/python3", "-c", script, Self.folder + "/cyclonedx.json"], from: "python3")
    }

    /// Statements of both places, each signed by its builder's key.
    private func statements() throws -> [String] {
      var paths: [String] = []
      for (number, place) in zip(1..., [chain.first, chain.second]) {
        let path = "\(Self.folder)/\(number).json"
        if !Files.exists(path) {
          _ = try succeeding(
            [
              "particle", "attest", chain.manifestPath, "-o", place.out, "--store", place.store,
              "--builder", "urn:test:\(number)",
            ], through: place.prefix)
          try Files.rename(place.out + "/provenance.json", to: path)
          let key = "\(Self.folder)/key-\(number)"
          try tool(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], from: "openssh-client")
          try tool(
            ["ssh-keygen", "-Y", "sign", "-q", "-n", "particle-os", "-f", key, path],
            from: "openssh-client")
        }
        paths.append(path)
      }
      return paths
    }

    /// The keys of both builders.
    private func signers() throws -> String {
      var text = ""
      for number in 1...2 {
        text += "builder-\(number) " + (try Files.readText("\(Self.folder)/key-\(number).pub"))
      }
      try Files.write(Array(text.utf8), to: Self.folder + "/signers")
      return Self.folder + "/signers"
    }

    @Test func `two builders who know nothing of each other state the same`() throws {
      let paths = try statements()
      let texts = try paths.map { try Files.readText($0) }
      #expect(texts[0] != texts[1])
      #expect(texts[0].replacing("urn:test:1", with: "urn:test:2") == texts[1])
      let said = try succeeding(
        ["particle", "verify"] + paths
          + ["--at-least", "2", "--signers", signers(), "--outputs", chain.first.out])
      #expect(said.contains("1.json: signed by builder-1, built by urn:test:1\n"), "\(said)")
      #expect(said.hasSuffix(", 2 outputs: everything agrees\n"), "\(said)")
    }

    @Test func `what does not agree is told with status 1`() throws {
      let paths = try statements()
      let changed = Self.folder + "/changed.json"
      let digest = try #require(
        chain.reports[0].exports.first { $0.name == "disk.raw" }?.sha256)
      let other = String(repeating: "0", count: 64)
      let text = try Files.readText(paths[1]).replacing(digest, with: other)
      try Files.write(Array(text.utf8), to: changed)
      let against = try particle(["particle", "verify", paths[0], changed])
      #expect(against.ending == .exit(1))
      #expect(against.output.contains("differs: disk.raw is sha256:\(digest) in "))
      let files = try particle(["particle", "verify", changed, "--outputs", chain.first.out])
      #expect(files.ending == .exit(1) && files.output.contains("differs: disk.raw is "))
      let alone = try particle(["particle", "verify", paths[0]])
      #expect(alone.ending == .exit(2) && alone.errors.contains("proves nothing"))
      let unsigned = try particle(["particle", "verify", changed, "--signers", try signers()])
      #expect(unsigned.ending == .exit(1) && unsigned.errors.contains("has no signature"))
      let few = try particle(
        ["particle", "verify", paths[0], "--outputs", chain.first.out, "--at-least", "2"])
      #expect(
        few.ending == .exit(1)
          && few.output.contains("disk.raw has the word of 1 builder, and 2 are required"))
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full: it builds all of it again"))
    func `a rebuild from nothing gives what the statement says`() throws {
      let paths = try statements()
      let said = try succeeding([
        "particle", "verify", paths[0], "--rebuild", chain.manifestPath,
      ])
      #expect(said.hasSuffix("everything agrees\n"), "\(said)")
    }

    @Test func `a store without the packages is told with what to do`() throws {
      let empty = try particle([
        "particle", "sbom", chain.manifestPath, "--store", Self.folder + "/none",
      ])
      #expect(empty.ending == .exit(1) && empty.errors.contains("help: "), "\(empty.said)")
    }
  }
}
