import Boot
import Files
import Glibc
import Model
import TestSupport
import Testing

extension EndToEnd.Machines {
  /// Layouts and boot loaders, as other people's tools see them and as they boot.
  @Suite(.serialized, .removing("disks")) struct Layouts {
    let disks: Disks

    init() throws { disks = try Disks.shared.get() }

    @Test(arguments: Disks.names)
    func `The partition table is sound`(name: String) throws {
      let verdict = try tool(["sfdisk", "--verify", disks.image(name)], from: "fdisk")
      try #require(verdict.contains("No errors detected"), "\(verdict)")
      if name.hasPrefix("mbr") {
        try prove("MBR", "`sfdisk --verify`")
      } else {
        let other = try tool(["sgdisk", "--verify", disks.image(name)], from: "gdisk")
        try #require(other.contains("No problems found"), "\(other)")
        try prove("GPT", "`sfdisk --verify`; `sgdisk --verify`")
      }
    }

    /// Keeps a record of what was shown of a file system or table.
    private func prove(_ name: String, _ shown: String) throws(Failure) {
      try FullTest.prove("file-systems", [name, shown], key: 2)
    }

    @Test(arguments: [("entries", 3), ("entries", 4), ("mbr", 1), ("mbr", 2)])
    func `Each ext4 is sound`(name: String, number: Int) throws {
      try tool(["e2fsck", "-f", "-n", disks.partition(number, of: name)], from: "e2fsprogs")
      try prove("ext4", "`e2fsck -fn`")
    }

    @Test(arguments: ["entries", "verity", "syslinux"])
    func `Each FAT is sound`(name: String) throws {
      try tool(["fsck.vfat", "-n", disks.partition(1, of: name)], from: "dosfstools")
      try prove("vfat", "`fsck.vfat -n`")
    }

    @Test func `A partition's type is what is on it`() throws {
      #expect(try disks.types(of: "mbr") == ["83", "83", "c", "83"])
      #expect(
        try disks.types(of: "entries") == [
          "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
          "933AC7E1-2EB4-4F13-B844-0E14E2AEF915", "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709",
        ])
    }

    @Test func `Swap space is what swapon takes`() throws {
      let seen = try tool(
        ["blkid", "-p", "-o", "export", disks.partition(2, of: "entries")], from: "util-linux")
      try #require(seen.contains("TYPE=swap\n") && seen.contains("LABEL=swap\n"), "\(seen)")
      try prove("swap", "`blkid -p`, and swapon in a booted system")
    }

    @Test func `XFS is sound, and has what a prototype cannot say`() throws {
      let xfs = try disks.partition(4, of: "mbr")
      try tool(["xfs_repair", "-n", xfs], from: "xfsprogs")
      try prove("xfs", "`xfs_repair -n`")
      // Two names of perl are one file, /tmp has its sticky bit, and a file keeps its time.
      let seen = try tool(
        [
          "xfs_db", "-r", "-c", "path /usr/bin/perl", "-c", "print core.nlinkv2", "-c",
          "print core.mtime.sec", "-c", "path /tmp", "-c", "print core.mode", xfs,
        ], from: "xfsprogs")
      let lines = seen.split(separator: "\n")
      #expect(lines.first == "core.nlinkv2 = 2" && lines.last == "core.mode = 041777", "\(seen)")
      let time = try #require(lines.dropFirst().first).dropFirst("core.mtime.sec = ".count)
      let other = try tool(
        ["debugfs", "-R", "stat /usr/bin/perl", disks.partition(4, of: "entries")],
        from: "e2fsprogs")
      let onExt4 = other.split(separator: "\n").first { $0.contains("mtime:") }
      #expect(onExt4?.hasSuffix(time) == true, "\(time) and \(onExt4 ?? "none")")
    }

    @Test func `Btrfs is sound`() throws {
      let root = try disks.partition(3, of: "btrfs")
      // btrfs writes what it is doing to standard error, and its verdict with it.
      let verdict = try tool(
        ["btrfs", "check", "--readonly", "--check-data-csum", root], from: "btrfs-progs")
      try #require(verdict.contains("no error found"), "\(verdict)")
      try prove("btrfs", "`btrfs check --check-data-csum`")
    }

    @Test func `The root is what its hash says, and nothing else passes`() throws {
      let entry = try disks.partition(1, of: "verity")
      let (data, tree) = (
        try disks.partition(2, of: "verity"), try disks.partition(3, of: "verity")
      )
      let hash = try rootHash(in: entry)
      try tool(["veritysetup", "verify", data, tree, hash], from: "cryptsetup-bin")
      try prove("squashfs", "dm-verity: `veritysetup verify`")
      let file = try FileDescriptor.open(data, O_RDWR)
      let byte = try file.read(1, at: 1 << 20).map { $0 ^ 1 }
      #expect(pwrite(file.raw, byte, 1, 1 << 20) == 1)
      #expect(throws: Failure.self) {
        try tool(["veritysetup", "verify", data, tree, hash], from: "cryptsetup-bin")
      }
    }

    /// The root hash in the command line of the unified kernel image, which stands there as text.
    private func rootHash(in esp: String) throws -> String {
      let bytes = try Files.read(esp)
      let mark = Array("roothash=".utf8)
      let start = try #require(bytes.firstRange(of: mark)).upperBound
      return String(decoding: bytes[start..<start + 64], as: UTF8.self)
    }

    @Test func `systemd-boot starts by Secure Boot, and the root grows to a larger disk`() throws {
      let copy = try grown("entries")
      try Start(loader: "systemd-boot", firmware: .secureBoot).prove(
        copy, "grown to a larger disk; /home, swap",
        [
          ("cat /sys/kernel/security/lockdown", "none [integrity] confidentiality"),
          ("findmnt -no FSTYPE,TARGET /home | tr -s ' '", "ext4 /home"),
          ("findmnt -no OPTIONS /home | tr , '\\n' | grep -x noatime", "noatime"),
          (
            "cat /home/note '/srv/two words'",
            "on a partition of its owna file with a space in its name"
          ),
          ("swapon --noheadings --show=TYPE,SIZE | tr -s ' '", "partition 64M"),
          isLarge, ("ls /boot/efi/loader/entries | wc -l", "1"),
        ])
    }

    /// A copy of an image on a disk of 3 GiB.
    private func grown(_ name: String) throws -> String {
      let copy = "\(scratch)/disks/\(name)-grown.raw"
      try tool(["cp", "--sparse=always", disks.image(name), copy], from: "coreutils")
      try #require(truncate(copy, 3 << 30) == 0)
      return copy
    }

    /// Whether the root of a machine has grown to such a disk.
    private let isLarge = (
      "test $(df --output=size -m / | tail -1) -gt 2300 && echo large", "large"
    )

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `A unified kernel image starts a root that dm-verity checks`() throws {
      try Start(filesystem: "squashfs", loader: "unified kernel image", firmware: .uefi).prove(
        disks.image("verity"), "dm-verity; /var in memory",
        [
          ("findmnt -no SOURCE /", "/dev/mapper/root"),
          ("cat /sys/block/dm-0/dm/uuid | cut -d- -f1,2", "CRYPT-VERITY"),
          ("touch /x", "touch: cannot touch '/x': Read-only file system"),
          ("touch /var/x && findmnt -no FSTYPE /var", "overlay"),
        ])
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `A unified kernel image starts ext4`() throws {
      try Start(loader: "unified kernel image", firmware: .uefi).prove(disks.image("unified"))
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `systemd-boot starts EROFS that dm-verity checks`() throws {
      try Start(filesystem: "erofs", loader: "systemd-boot", firmware: .uefi).prove(
        disks.image("erofs"), "dm-verity; /var on ext4",
        [
          ("findmnt -no SOURCE /", "/dev/mapper/root"),
          ("touch /var/x && findmnt -no FSTYPE /var", "ext4"),
        ])
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `systemd-boot starts squashfs from an MBR`() throws {
      try Start(filesystem: "squashfs", loader: "systemd-boot", firmware: .uefi, table: "MBR")
        .prove(
          disks.image("mbr-efi"), "/var in memory",
          [("touch /var/x && findmnt -no FSTYPE /var", "overlay")])
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `GRUB starts XFS from an MBR by BIOS`() throws {
      try Start(filesystem: "xfs", table: "MBR").prove(
        disks.image("mbr"), "/boot and /srv on ext4",
        [
          ("findmnt -no FSTYPE /boot", "ext4"),
          ("cat '/srv/two words'", "a file with a space in its name"), ("dpkg --audit", ""),
        ])
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `GRUB starts XFS by UEFI, and it grows`() throws {
      try Start(filesystem: "xfs", firmware: .uefi).prove(
        try grown("xfs"), "grown to a larger disk; /boot on it", [isLarge])
    }

    @Test(
      .enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"),
      arguments: [Firmware.bios, .uefi])
    func `GRUB starts Btrfs with subvolumes, and it grows`(firmware: Firmware) throws {
      try Start(filesystem: "btrfs", firmware: firmware).prove(
        try grown("btrfs"), "subvolumes; grown to a larger disk; /boot on it",
        [
          isLarge,
          // The root of a subvolume has this number; the system makes some more of its own.
          ("stat -c %i /home /srv /var/log", "256\n256\n256"),
          // Two names of perl are one file, /tmp has its sticky bit.
          ("stat -c '%h %a' /usr/bin/perl; stat -c %a /tmp", "2 755\n1777"),
          ("cat '/srv/two words'", "a file with a space in its name"), ("dpkg --audit", ""),
        ])
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `SYSLINUX starts by BIOS from a GPT`() throws {
      try Start(loader: "syslinux").prove(
        disks.image("syslinux"), "", [("findmnt -no FSTYPE /boot/syslinux", "vfat")])
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `GRUB starts by Secure Boot`() throws {
      try Start(firmware: .secureBoot).prove(
        try Chain.shared.get().first.out + "/disk.raw", user: "admin")
    }

    @Test(
      .enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full: it builds all of it again"),
      arguments: Disks.names)
    func `A build elsewhere gives the same bytes`(name: String) throws {
      let place = try Chain.shared.get().second.separate(in: "disks")
      if !Files.exists(place.out) {
        try place.shareDownloads(of: disks.place)
        _ = try place.run(
          Disks.manifest, "particle-run of disks.yml, elsewhere",
          only: Disks.exports)
      }
      try tool(
        ["cmp", disks.image(name), "\(place.out)/\(name).raw"], from: "diffutils")
      try prove(
        "the disk '\(name)' of `Tests/EndToEndTests/Recipes/disks.yml`",
        "built twice, the same bytes")
    }
  }
}
