internal import Model
internal import StageContracts

extension DiskPlan {
  /// The stage that puts files into the tree by which a partition grows, a root is checked and the boot
  /// loader's menu is kept; none where there are none.
  var fileCopies: [Step] {
    let files =
      growth + updateFiles + (root.verity.value ? verity : [])
      + (root.content?.isReadOnly == true && !mountPoints.contains("/var") ? state : [])
    return files.isEmpty ? [] : [Step(placing: files)]
  }

  /// What systemd-repart does when the system starts (repart.d(5)).
  ///
  /// It takes definitions and partitions of the same type in the same order, so those before the
  /// growing one have a definition too.
  var growth: [PlacedFile] {
    guard let index = partitions.firstIndex(where: \.grow.value) else { return [] }
    let type = partitions[index].typeInRepart
    let same = partitions[...index].filter { $0.typeInRepart == type }
    return same.enumerated().map { number, partition in
      PlacedFile(
        "/etc/repart.d/\(number + 10)-\(partition.name).conf",
        "[Partition]\nType=\(type)\n" + (partition.grow.value ? "" : "Weight=0\n"))
    }
  }

  /// Scripts for initramfs-tools(7), which has none for dm-verity.
  private var verity: [PlacedFile] {
    let hook = """
      . /usr/share/initramfs-tools/hook-functions
      copy_exec /usr/sbin/veritysetup /sbin
      manual_add_modules dm-verity sha256_generic \(root.content?.rawValue ?? "")

      """
    // The root is set up before anything looks for it.
    let open = """
      . /scripts/functions
      for word in $(cat /proc/cmdline); do
        case "$word" in
        roothash=*) hash="${word#*=}" ;;
        systemd.verity_root_data=PARTUUID=*) data="/dev/disk/by-partuuid/${word##*=}" ;;
        systemd.verity_root_hash=PARTUUID=*) tree="/dev/disk/by-partuuid/${word##*=}" ;;
        esac
      done
      modprobe -q dm-verity
      tries=0
      until [ -e "$data" ] && [ -e "$tree" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || panic "The root $data and its hash tree $tree did not appear"
        sleep 0.1
      done
      veritysetup open "$data" root "$tree" "$hash" || panic "The root is not what it was built as"

      """
    return [
      initramfsScript("hooks/verity", hook), initramfsScript("scripts/local-top/verity", open),
    ]
  }

  /// Scripts for a root that nothing can be written to: what goes into /var is in memory, and not kept.
  private var state: [PlacedFile] {
    let hook = """
      . /usr/share/initramfs-tools/hook-functions
      manual_add_modules overlay

      """
    let mount = """
      mkdir -p /run/var
      mount -t tmpfs -o mode=0755 tmpfs /run/var
      mkdir /run/var/upper /run/var/work
      mount -t overlay -o lowerdir="$rootmnt/var",upperdir=/run/var/upper,workdir=/run/var/work \\
        overlay "$rootmnt/var"

      """
    return [
      initramfsScript("hooks/state", hook), initramfsScript("scripts/local-bottom/state", mount),
    ]
  }

  private func initramfsScript(_ name: String, _ text: String) -> PlacedFile {
    let prologue = """
      #!/bin/sh
      if [ "$1" = prereqs ]; then exit 0; fi

      """
    return PlacedFile("/etc/initramfs-tools/\(name)", prologue + text, mode: 0o755)
  }
}

extension Partition {
  /// The type as repart.d(5) has it.
  fileprivate var typeInRepart: String {
    if let typeID { return typeID.value.lowercased() }
    return switch kind {
    case .boot: "xbootldr"
    case .linux where content == .vfat: "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"
    case .biosBoot: "21686148-6449-6e6f-744e-656564454649"
    case .linux: "linux-generic"
    case .esp, .root, .home, .srv, .var, .swap: kind.rawValue
    }
  }
}
