import Boot
import Files
import Glibc
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// Systems for arm64, made on whatever machine this is.
  @Suite(.serialized, .besideAnother, .removing("cross-arm64", "cross-arm64-disk")) struct Cross {
    /// Compiles and builds one of this folder's recipes; nil where this machine can't run programs
    /// of arm64, which the runner then has to say, with the remedy.
    private func built(_ name: String) throws -> String? {
      let place = "\(scratch)/cross-\(name)"
      let manifest = place + ".json"
      let recipe = "\(Places.repository)/Tests/EndToEndTests/Recipes/\(name).yml"
      _ = try succeeding(["particle-compile", recipe, "-o", manifest])
      // What an earlier test run left would be found instead of built.
      let store = place + "-store"
      try Files.removeTree(store)
      let finished = try particle(["particle-run", manifest, "--store", store, "-o", place])
      try Files.removeTree(store)
      if finished.ending.isSuccess { return place }
      let isPossible = try particle(
        ["particle", "version"],
        through: [
          "unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
          "mount -t binfmt_misc none /proc/sys/fs/binfmt_misc && exec \"$@\"", "sh",
        ]
      ).ending.isSuccess
      #expect(!isPossible, "\(finished.said)")
      #expect(finished.ending == .exit(1), "\(finished.said)")
      #expect(finished.errors.hasPrefix("error: cannot run arm64 programs: "))
      #expect(finished.errors.contains("\n  help: "))
      print("NOT PROVEN HERE: \(name), as this machine runs no programs of arm64")
      return nil
    }

    @Test(
      .enabled(
        if: FullTest.isOn,
        "only with PARTICLE_TEST=full: its packages' scripts take minutes under an emulator"))
    func `A root for arm64 is made of arm64's packages, by arm64's programs`() throws {
      guard let place = try built("arm64") else { return }
      let archive = place + "/arm64.tar"
      func member(_ name: String) throws -> String {
        try tool(["tar", "--extract", "--to-stdout", "--file", archive, name], from: "tar")
      }
      #expect(try member("./etc/seen") == "aarch64\narm64\naarch64-linux-gnu-thread-multi\n")
      // The machine's number in the header of an ELF file: EM_AARCH64 of elf.h.
      let machine = try tool(
        ["sh", "-c", "tar -xOf '\(archive)' ./usr/bin/dpkg | od -An -tu2 -j18 -N2"], from: "tar")
      #expect(machine.split(whereSeparator: \.isWhitespace) == ["183"])
      let list = try tool(["tar", "--list", "--file", archive], from: "tar")
      #expect(!list.contains("qemu"))
    }

    @Test(
      .enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full: building it takes eight minutes"))
    func `Disks for arm64 boot by UEFI`() throws {
      guard let place = try built("arm64-disk") else { return }
      let here = [("hostname; uname -m", "foreign\naarch64")]
      let starts = [
        ("disk.raw", Start(firmware: .uefi, architecture: .arm64)),
        ("disk.qcow2", Start(format: "qcow2", firmware: .uefi, architecture: .arm64)),
        ("entries.raw", Start(loader: "systemd-boot", firmware: .uefi, architecture: .arm64)),
      ]
      for (name, start) in starts {
        try start.prove("\(place)/\(name)", user: "admin", "built on amd64", here)
      }
    }

    @Test func `A machine of arm64 has no BIOS`() throws {
      try withTemporaryDirectory { folder in
        try Files.write([UInt8](repeating: 0, count: 1 << 20), to: folder + "/disk.raw")
        let failure = #expect(throws: Failure.self) {
          try Machine(image: folder + "/disk.raw", architecture: .arm64, firmware: .bios)
        }
        #expect(failure?.remedy == "boot it with --firmware uefi")
      }
    }
  }
}
