import Boot
import Files
import Model
import TestSupport
import Testing

extension EndToEnd.Machines {
  /// A live medium, and disks in the formats of other hypervisors: built in two places, and started.
  @Suite(.serialized, .removing("media")) struct Media {
    /// The folders of the two places.
    ///
    /// The disk is looked at in full tests only.
    static let built = Result { () throws(Failure) in
      try Pair(in: "media").build(recipe: "live", only: FullTest.isOn ? [] : ["live.iso"])
    }

    private let folders: [String]

    init() throws { folders = try Self.built.get() }

    /// How a machine is started from each image; `make test` does the first.
    private static let starts: [Start] =
      [iso(.bios, .cdrom)]
      + (FullTest.isOn
        ? [
          iso(.uefi, .disk), iso(.uefi, .cdrom), iso(.secureBoot, .cdrom), iso(.bios, .disk),
          Start(format: "vmdk"),
          Start(format: "vdi"), Start(format: "vhdx", firmware: .uefi),
          Start(format: "vhd", firmware: .uefi),
        ] : [])

    private static func iso(_ firmware: Firmware, _ drive: Drive) -> Start {
      Start(
        format: "iso", filesystem: "squashfs", firmware: firmware, table: "GPT and El Torito",
        drive: drive)
    }

    @Test(arguments: starts)
    func `A machine comes up`(start: Start) throws {
      let isLive = start.format == "iso"
      try start.prove(
        "\(folders[0])/\(isLive ? "live" : "disk").\(start.format)", memory: 2048,
        isLive ? "from memory, by live-boot" : "", [("hostname", "live")])
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `A machine comes up from compressed disks`() throws {
      let out = folders[0]
      try Start(format: "qcow2 with zstd").prove(out + "/disk.qcow2", "", [("hostname", "live")])
      // As a machine's manager unpacks it.
      try Files.makeDirectories(out + "/ova")
      try tool(["tar", "-C", out + "/ova", "-xf", out + "/disk.ova"], from: "tar")
      try Start(format: "ova's vmdk").prove(out + "/ova/disk.vmdk", "", [("hostname", "live")])
    }

    @Test func `A live medium is the same elsewhere, and is one`() throws {
      try tool(["cmp"] + folders.map { $0 + "/live.iso" }, from: "diffutils")
      let seen = try tool(
        ["xorriso", "-indev", folders[0] + "/live.iso", "-report_el_torito", "plain"],
        from: "xorriso")
      try #require(seen.contains("El Torito boot img :   1  BIOS"), "\(seen)")
      try #require(seen.contains("El Torito boot img :   2  UEFI"), "\(seen)")
      for shown in ["built twice, the same bytes", "`xorriso -indev`"] {
        try FullTest.prove("formats", ["iso", shown], key: 2)
      }
    }
  }
}
