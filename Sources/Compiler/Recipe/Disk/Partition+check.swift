internal import Model

extension Partition {
  /// Reports what does not go together in one partition.
  func refuseOddities(_ problems: inout Problems) {
    if kind == .esp, let content, content != .vfat {
      problems.report(
        "an EFI system partition cannot be \(content.rawValue): firmware would not read it",
        at: filesystem?.mark,
        remedy: "remove 'filesystem', or use vfat")
    }
    if kind == .swap, let content, content != .swap {
      problems.report(
        "a swap partition has no file system", at: filesystem?.mark,
        remedy: "remove 'filesystem'")
    }
    if content == .swap || kind == .biosBoot, let mount {
      problems.report(
        "\(content == .swap ? "swap" : "a BIOS boot partition") cannot be mounted", at: mount.mark,
        remedy: "remove 'mount'")
    }
    if content == .swap, size == nil || size?.value == .rest, !grow.value {
      problems.report(
        "the swap partition '\(name)' has no size", at: size?.mark ?? mark,
        remedy: "add one: 'size: 1GiB'")
    }
    if kind == .biosBoot, let filesystem {
      problems.report(
        "a BIOS boot partition has no file system", at: filesystem.mark,
        remedy: "remove 'filesystem'")
    }
    if content?.isReadOnly == true, mountPoint != "/" {
      problems.report(
        "only the root file system can be \(content?.rawValue ?? "")", at: filesystem?.mark,
        remedy: "use ext4 or xfs")
    }
    refuseSmallness(&problems)
    refuseSettings(&problems)
    refuseOptions(&problems)
    refuseLabel(&problems)
    refuseMountPoint(&problems)
  }

  /// The longest label of each file system, in bytes, and whose manual says so.
  private static let labels: [Filesystem: Int] = [
    // mke2fs(8); mkfs.vfat(8); mkfs.xfs(8); mkfs.btrfs(8); mkswap(8) has 16 with the NUL.
    .ext4: 16, .vfat: 11, .xfs: 12, .btrfs: 255, .swap: 15,
  ]

  private func refuseLabel(_ problems: inout Problems) {
    guard let label, let content else { return }
    if let limit = Self.labels[content], label.value.utf8.count > limit {
      problems.report(
        "the label '\(label.value)' is too long for \(content.rawValue)", at: label.mark,
        remedy: "use at most \(limit) characters: it is also the label of the file system")
    }
    if content == .vfat, label.value.has(".") {
      problems.report(
        "the label '\(label.value)' contains a '.', which FAT does not allow", at: label.mark,
        remedy: "use letters, digits, '_' and '-'")
    }
  }

  /// Where nothing can be mounted, and why.
  private static let places: [(reason: String, paths: [String], isBelow: Bool)] = [
    (
      "the kernel and systemd mount their own file systems there",
      ["/dev", "/proc", "/run", "/sys"], true
    ),
    (
      "it is a link into /usr or /run",
      ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/var/run", "/var/lock"], true
    ),
    (
      "the system reads it before it mounts other file systems",
      ["/etc", "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64"], false
    ),
  ]

  private func refuseMountPoint(_ problems: inout Problems) {
    guard let mount else { return }
    for place in Self.places {
      let isThere = place.paths.contains { path in
        mount.value == path || place.isBelow && mount.value.begins(with: path + "/")
      }
      guard isThere else { continue }
      problems.report(
        "nothing can be mounted on '\(mount.value)': \(place.reason)", at: mount.mark,
        remedy: "keep it on the root, or choose another directory such as /srv")
    }
  }

  /// The least that the tools make: xfsprogs 6.13 refuses less than 300 MiB, btrfs-progs 6.14 less
  /// than 109.
  private func refuseSmallness(_ problems: inout Problems) {
    guard case .fixed(let size)? = size?.value else { return }
    let mebibytes = content == .xfs ? 300 : content == .btrfs ? 128 : 1
    let least = ByteSize(bytes: mebibytes << 20)
    guard size < least else { return }
    problems.report(
      "the partition '\(name)' is too small: \(size)", at: self.size?.mark,
      remedy: "use \(least) or more")
  }

  private func refuseSettings(_ problems: inout Problems) {
    if verity.value, content?.isReadOnly != true {
      problems.report(
        "dm-verity needs a read-only root", at: verity.mark,
        remedy: "add 'filesystem: squashfs' or 'filesystem: erofs', or remove 'verity'")
    }
    if grow.value, ![.ext4, .xfs, .btrfs].contains(content) || mountPoint == nil {
      problems.report(
        "the partition '\(name)' has no file system that can grow", at: grow.mark,
        remedy: "remove 'grow': only mounted ext4, xfs and btrfs file systems can grow")
    }
    if content != .btrfs, let subvolume = subvolumes.first {
      problems.report(
        "the partition '\(name)' is not btrfs, so it cannot have subvolumes", at: subvolume.mark,
        remedy: "add 'filesystem: btrfs', or remove 'subvolumes'")
    }
    if options != nil, content != .swap, mountPoint == nil {
      problems.report(
        "the partition '\(name)' is not mounted", at: options?.first?.mark ?? mark,
        remedy: "add 'mount', or remove 'options'")
    }
  }

  /// Reports the options of /usr that the initramfs's mount program would hand to the file system, which
  /// refuses them; the machine would stop there.
  func refuseOptionsOfUsr(_ problems: inout Problems) {
    guard mountPoint == "/usr" else { return }
    for option in options ?? [] where MountOptions.isUnknownToInitramfs(option.value) {
      problems.report(
        "the initramfs mounts /usr, but does not support the option '\(option.value)'",
        at: option.mark, remedy: "remove it, or use {type: initramfs, generator: dracut}")
    }
    if grow.value {
      problems.report(
        "/usr cannot grow: the initramfs mounts it, but does not support the option for that",
        at: grow.mark,
        remedy: "move 'grow' to another partition, or use {type: initramfs, generator: dracut}")
    }
  }

  private func refuseOptions(_ problems: inout Problems) {
    guard let content else { return }
    for option in options ?? [] where !MountOptions.knows(option.value, on: content) {
      if content == .btrfs, option.value.begins(with: "subvol") {
        problems.report(
          "an image mounts the whole of a btrfs file system, not '\(option.value)'",
          at: option.mark,
          remedy: "write 'subvolumes: [/home]' for directories that are to be subvolumes")
        continue
      }
      let near = suggestion(for: option.value, among: MountOptions.names(on: content))
      problems.report(
        "\(content.rawValue) has no mount option '\(option.value)'", at: option.mark,
        remedy: near.map { "did you mean '\($0)'?" }
          ?? "mount(8) and \(content.rawValue)(5) list the options")
    }
  }
}
