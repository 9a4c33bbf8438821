import Files
import Model
import TestSupport
import Testing

extension EndToEnd {
  /// A disk whose partitions have what their file systems keep in ways of their own.
  @Suite(.serialized, .besideAnother, .removing("odd")) struct OddTree {
    /// Each partition in a file, in the order of the table.
    private static let built = Result { () throws -> [String] in
      let place = try Chain.shared.get().first.separate(in: "odd")
      let recipe = Places.repository + "/Tests/EndToEndTests/Recipes/odd.yml"
      _ = try succeeding([
        "particle", "build", recipe, "-o", place.out, "--store", place.store, "--quiet",
      ])
      // Each stage once more, with whatever its memory holds then.
      _ = try succeeding([
        "particle-run", place.out + "/manifest.json", "-o", place.out, "--store", place.store,
        "--check", "--quiet",
      ])
      return try Partition.all(of: place.out + "/odd.raw").enumerated().map { index, partition in
        let copy = "\(place.out)/part-\(index)"
        try partition.copy(to: copy)
        return copy
      }
    }

    private func debugfs(_ command: String, _ partition: Int) throws -> String {
      try tool(["debugfs", "-R", command, Self.built.get()[partition]], from: "e2fsprogs")
    }

    @Test func `what is on one partition is on no other`() throws {
      for (folder, index) in [("/data", 3), ("/btr", 3), ("/xf", 3)] {
        let names = try debugfs("ls -p \(folder)", index).split(separator: "\n")
          .filter { $0.hasPrefix("/") }
        #expect(names.count == 2, "\(folder): \(names)")
      }
      #expect(try debugfs("cat /file", 0).contains("secret\n"))
    }

    @Test func `ext4 has empty attributes, long ones and those of its root`() throws {
      #expect(try debugfs("ea_list /", 0).contains("user.own (1)"))
      let list = try debugfs("ea_list /file", 0)
      #expect(list.contains("user.none (0)") && list.contains("user.long (3000)"), "\(list)")
      try tool(["e2fsck", "-f", "-n", try Self.built.get()[0]], from: "e2fsprogs")
    }

    @Test func `XFS has names that begin with a colon, and the one that is a dollar sign`() throws {
      let partition = try Self.built.get()[2]
      let said = try tool(
        ["xfs_db", "-r"]
          + ["path /", "ls", "path /:d", "ls", "print core.mode", "path /:d/:e", "ls", "path /:g"]
          .flatMap { ["-c", $0] } + ["-c", "print core.nlinkv2 core.size", partition],
        from: "xfsprogs")
      // In the list of a directory, the name is the sixth word; other lines end with the value.
      let names = said.split(separator: "\n").map { line in
        let words = line.split(separator: " ")
        return words.count > 5 ? words[5] : words.last ?? ""
      }
      #expect(
        names == [
          ".", "..", "empty", "file", ":d", ":g", ".", "..", ":e", ":etc:f", "041777", ".", "..",
          "$", "2", "6",
        ], "\(said)")
      try tool(["xfs_repair", "-n", partition], from: "xfsprogs")
    }

    @Test func `Btrfs has no bytes of what its program had in memory`() throws {
      let tree = try tool(
        ["btrfs", "inspect-internal", "dump-tree", Self.built.get()[1]], from: "btrfs-progs")
      // transid 7 data_len 1 name_len 6
      let transactions = tree.split(separator: "\n").filter { $0.contains("data_len 1 name_len") }
        .compactMap { $0.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
      #expect(
        transactions.count == 3 && transactions.allSatisfy { 1...100 ~= $0 }, "\(transactions)")
      try tool(["btrfs", "check", "--readonly", Self.built.get()[1]], from: "btrfs-progs")
    }
  }
}
