internal import Model
internal import StageContracts

extension DiskPlan {
  /// The lines of /etc/fstab: what is above comes before what is in it, swap last.
  var mounts: [Fstab.Mount] {
    let mounted = partitions.filter { $0.mountPoint != nil }.sorted {
      ($0.mountPoint ?? "").utf8.lexicographicallyPrecedes(($1.mountPoint ?? "").utf8)
    }
    return (mounted + partitions.filter { $0.content == .swap }).compactMap(mount)
  }

  private func mount(_ partition: Partition) -> Fstab.Mount? {
    guard let content = partition.content else { return nil }
    let target = partition.mountPoint ?? "none"
    let isRoot = target == "/"
    let usual =
      switch content {
      case .ext4 where isRoot: ["errors=remount-ro"]
      // What the kernel does by itself is not spelled out: the initramfs's mount program, which reads
      // the line of /usr, has no word for it.
      case .ext4, .xfs, .btrfs: ["defaults"]
      case .swap: ["sw"]
      case .squashfs, .erofs: ["ro"]
      // Mounted when it is looked at: the system runs on without it.
      case .vfat where partition.kind == .esp: ["umask=0077", "noauto", "x-systemd.automount"]
      case .vfat: ["defaults"]
      }
    let options = partition.options.map { $0.map(\.value) } ?? usual
    return Fstab.Mount(
      source: source(of: partition), target: target, type: content.rawValue,
      options: (options + (partition.grow.value ? ["x-systemd.growfs"] : []))
        .joined(separator: ","),
      pass: content == .ext4 ? (isRoot ? 1 : 2) : 0)
  }
}
