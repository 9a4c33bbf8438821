import Files
import Model
import Testing

extension EndToEnd {
  /// The images as other people's tools see them.
  @Suite(.serialized, .besideAnother) struct Disk {
    let raw: String
    let qcow2: String

    init() throws {
      let out = try Chain.shared.get().first.out
      raw = out + "/disk.raw"
      qcow2 = out + "/disk.qcow2"
    }

    @Test func `The disk has the size that the recipe says`() throws {
      #expect(try size(of: raw) == 2 << 30)
    }

    @Test func `The qcow2 image is sound, and holds the raw one`() throws {
      #expect(
        try tool(["qemu-img", "check", "-f", "qcow2", qcow2], from: "qemu-utils")
          .contains("No errors were found"))
      try tool(
        ["qemu-img", "compare", "-f", "raw", "-F", "qcow2", raw, qcow2], from: "qemu-utils")
    }

    @Test func `The partition table is sound`() throws {
      let verdict = try tool(["sfdisk", "--verify", raw], from: "fdisk")
      #expect(verdict.contains("No errors detected"), "\(verdict)")
      #expect(
        try partitions().map(\.type) == [
          // The types of the UEFI and the Discoverable Partitions specifications.
          "21686148-6449-6E6F-744E-656564454649",
          "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
          "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709",
        ])
    }

    @Test func `The root file system is sound`() throws {
      let root = try #require(try partitions().last)
      try tool(["e2fsck", "-f", "-n", "\(raw)?offset=\(root.start * 512)"], from: "e2fsprogs")
    }

    @Test func `The EFI system partition is sound`() throws {
      let esp = try #require(try partitions().dropFirst().first)
      let copy = scratch + "/esp"
      try esp.copy(to: copy)
      try tool(["fsck.vfat", "-n", copy], from: "dosfstools")
    }

    private func partitions() throws -> [Partition] { try Partition.all(of: raw) }
  }
}
