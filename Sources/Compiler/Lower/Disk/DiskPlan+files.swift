internal import Hashing
internal import Model
internal import StageContracts

/// A text file that an image needs in its system.
struct SystemFile {
  var path: String
  var text: String
  var mode: FileMode

  var bytes: [UInt8] { Array(text.utf8) }
  var digest: Digest { SHA256.digest(bytes) }
}

extension DiskPlan {
  /// The files by which a partition grows and a root is checked.
  var files: [SystemFile] { growth + (root.verity.value ? verity : []) }

  /// The stage that puts them into the tree; none where there are none.
  var fileCopies: [Step] {
    if files.isEmpty { return [] }
    let copies = files.map { file in
      FileCopies.File(
        source: file.digest.hex, destination: file.path, mode: file.mode, owner: "root",
        group: "root")
    }
    var digests: [Digest] = []
    for file in files where !digests.contains(file.digest) { digests.append(file.digest) }
    return [Step(FileCopies(files: copies), ["files": .sources(digests)])]
  }

  /// What systemd-repart does when the system starts (repart.d(5)).
  ///
  /// It takes definitions and partitions of the same type in the same order, so those before the
  /// growing one have a definition too.
  private var growth: [SystemFile] {
    guard let index = partitions.firstIndex(where: \.grow.value) else { return [] }
    let kind = partitions[index].kind
    let same = partitions[...index].filter { $0.kind == kind }
    return same.enumerated().map { number, partition in
      SystemFile(
        path: "/etc/repart.d/\(number + 10)-\(partition.name).conf",
        text: "[Partition]\nType=\(kind.inRepart)\n" + (partition.grow.value ? "" : "Weight=0\n"),
        mode: FileMode(bits: 0o644))
    }
  }

  /// Scripts for initramfs-tools(7), which has none for dm-verity.
  private var verity: [SystemFile] {
    let folder = "/etc/initramfs-tools"
    let prologue = """
      #!/bin/sh
      if [ "$1" = prereqs ]; then exit 0; fi

      """
    let hook = """
      . /usr/share/initramfs-tools/hook-functions
      copy_exec /usr/sbin/veritysetup /sbin
      manual_add_modules dm-verity sha256_generic \(root.content?.rawValue ?? "") overlay

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
    // Nothing is kept of what goes into /var, unless it is a partition.
    let state = """
      mkdir -p /run/var
      mount -t tmpfs -o mode=0755 tmpfs /run/var
      mkdir /run/var/upper /run/var/work
      mount -t overlay -o lowerdir="$rootmnt/var",upperdir=/run/var/upper,workdir=/run/var/work \\
        overlay "$rootmnt/var"

      """
    let hasState = mountPoints.contains("/var")
    let scripts =
      [("hooks/verity", hook), ("scripts/local-top/verity", open)]
      + (hasState ? [] : [("scripts/local-bottom/state", state)])
    return scripts.map { name, text in
      SystemFile(path: "\(folder)/\(name)", text: prologue + text, mode: FileMode(bits: 0o755))
    }
  }
}

extension Partition.Kind {
  /// The type as repart.d(5) has it.
  fileprivate var inRepart: String {
    switch self {
    case .boot: "xbootldr"
    case .linux, .biosBoot: "linux-generic"
    case .esp, .root, .home, .srv, .var, .swap: rawValue
    }
  }
}
