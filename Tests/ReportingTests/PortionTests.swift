import Files
import Glibc
import Model
import Reporting
import TestSupport
import Testing
import Trees

/// What fills a system, by its packages.
@Suite struct PortionTests {
  @Test func `a list of dpkg's that is too large is refused, not read`() throws {
    try withTemporaryDirectory { folder in
      let tree = folder + "/tree"
      try Files.makeDirectories(tree + "/var/lib/dpkg/info")
      let list = try FileDescriptor.open(
        tree + "/var/lib/dpkg/info/evil.list", O_WRONLY | O_CREAT)
      try list.setSize(Limits.text + 1)
      let commit = try Commit(
        changes: tree, epoch: Timestamp(seconds: 1_700_000_000), interval: 0...1)
      _ = try commit.run(copyingTo: nil, listing: folder + "/listing")
      let merged = try MergedTree(
        [MergedTree.Layer(listing: folder + "/listing", tree: tree)], as: .tree)
      let failure = #expect(throws: Failure.self) { try Portion.packages(of: merged, count: 5) }
      #expect(failure?.cause.contains("but the limit is \(Limits.text)") == true)
    }
  }
}
