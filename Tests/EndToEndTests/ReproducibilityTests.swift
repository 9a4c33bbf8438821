import Files
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  @Suite(.serialized, .besideAnother) struct Reproducibility {
    let chain: Chain

    init() throws { chain = try Chain.shared.get() }

    @Test func `Two compilations give the same manifest`() {
      #expect(
        chain.manifests[0] == chain.manifests[1],
        "\(lineDifference(from: chain.manifests[0], to: chain.manifests[1]))")
      #expect(chain.manifests[0].hasSuffix("}\n"))
    }

    @Test func `The sums are those of the files`() throws {
      let sums = try Files.readText(chain.first.out + "/SHA256SUMS")
      try tool(
        ["env", "-C", chain.first.out, "sha256sum", "--check", "--strict", "SHA256SUMS"],
        from: "coreutils")
      for export in chain.reports[0].exports {
        #expect(sums.contains("\(export.sha256)  \(export.name)\n"))
        #expect(try size(of: "\(chain.first.out)/\(export.name)") == export.size)
      }
      #expect(chain.reports[0].exports.map(\.name).sorted() == ["disk.qcow2", "disk.raw"])
    }

    @Test func `A build that changes nothing runs no stage`() {
      #expect(chain.reports[0].hits == [])
      #expect(!chain.reports[0].run.isEmpty)
      #expect(chain.reports[1].run.isEmpty, "ran again: \(chain.reports[1].run)")
      #expect(chain.reports[1].exports == chain.reports[0].exports)
    }

    @Test(arguments: ["disk.raw", "disk.qcow2", "SHA256SUMS"])
    func `A build elsewhere gives the same bytes`(name: String) throws {
      try tool(
        ["cmp", "\(chain.first.out)/\(name)", "\(chain.second.out)/\(name)"], from: "diffutils")
    }

    @Test func `particle diff finds the same in both disks, and names the file that is changed`()
      throws
    {
      let (raw, qcow2) = (chain.first.out + "/disk.raw", chain.first.out + "/disk.qcow2")
      #expect(try succeeding(["particle", "diff", raw, qcow2]) == "")
      let start = try #require(try Partition.all(of: raw).last).start
      let changed = scratch + "/changed.raw"
      try tool(["cp", "--sparse=always", raw, changed], from: "coreutils")
      try Files.write(Array("changed\n".utf8), to: scratch + "/hostname")
      let commands = "cd /etc\nrm hostname\nwrite \(scratch)/hostname hostname\n"
      try Files.write(Array(commands.utf8), to: scratch + "/commands")
      try tool(
        ["debugfs", "-w", "-f", scratch + "/commands", "\(changed)?offset=\(start * 512)"],
        from: "e2fsprogs")
      let difference = try particle(["particle", "diff", raw, changed])
      #expect(difference.ending == .exit(1), "\(difference.said)")
      #expect(difference.output.contains("  /etc/hostname: content"), "\(difference.said)")
      #expect(difference.output.contains("    -minimal\n    +changed\n"), "\(difference.said)")
      let files = difference.output.split(separator: "\n").filter { $0.hasPrefix("  /") }
      #expect(
        Set(files.map { $0.prefix { $0 != ":" } }).isSubset(of: ["  /etc", "  /etc/hostname"]))
    }

    @Test func `particle diff finds no action of two stores that gave something else`() throws {
      let said = try succeeding(["particle", "diff", chain.first.store, chain.second.store])
      let count = chain.reports[0].run.count
      #expect(said.contains(", 0 gave different results;"), "\(said)")
      // Other suites may have built in the same stores.
      let words = said.split(separator: " ")
      let shared = words.count > 1 && words[0] == "of" ? Int(words[1]) : nil
      #expect(shared ?? 0 >= count, "\(said), for \(count) stages")
    }

    @Test func `A recipe without an image gives the same archive twice`() throws {
      let recipe = Places.repository + "/Tests/EndToEndTests/Recipes/archive.yml"
      let manifest = scratch + "/archive.json"
      _ = try succeeding(["particle-compile", recipe, "-o", manifest])
      var places = [chain.first, chain.second]
      for index in places.indices {
        places[index].out = scratch + "/archive-\(index)"
        _ = try places[index].run(manifest, "particle-run of an archive")
      }
      let archives = places.map { $0.out + "/archive.tar" }
      try tool(["cmp"] + archives, from: "diffutils")
      #expect(try member("./etc/hostname", of: archives[0]) == "archive\n")
      let seen = try member("./etc/seen", of: archives[0])
      #expect(seen.contains("\n0022\n"), "the umask in \(seen)")
      #expect(!seen.contains("elsewhere"), "the host's name in \(seen)")
    }

    /// The content of a file in an archive, by GNU tar.
    private func member(_ name: String, of archive: String) throws -> String {
      try tool(["tar", "--extract", "--to-stdout", "--file", archive, name], from: "tar")
    }
  }
}
