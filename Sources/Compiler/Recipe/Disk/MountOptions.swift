/// The mount options that are known: mount(8), ext4(5), xfs(5), btrfs(5), and for the others the
/// kernel's own documentation (Documentation/filesystems).
enum MountOptions {
  /// Those of any file system; `x-…` and `X-…` are comments for other programs.
  private static let general: Set<String> = [
    "async", "atime", "auto", "defaults", "dev", "diratime", "dirsync", "exec", "iversion",
    "lazytime", "mand", "noatime", "noauto", "nodev", "nodiratime", "noexec", "nofail",
    "noiversion", "nolazytime", "nomand", "norelatime", "nostrictatime", "nosuid", "nosymfollow",
    "relatime", "ro", "rw", "silent", "strictatime", "suid", "sync", "user", "users", "nouser",
    "group", "owner", "_netdev",
  ]

  /// Those of them that klibc's mount knows (usr/utils/mount_opts.c); it takes all others for the file
  /// system's own.
  private static let initramfs: Set<String> = [
    "async", "atime", "defaults", "dev", "diratime", "dirsync", "exec", "noatime", "nodev",
    "nodiratime", "noexec", "nosuid", "ro", "rw", "suid", "sync",
  ]

  /// Whether an option is for other programs than the file system, and unknown to klibc's mount.
  static func isUnknownToInitramfs(_ option: String) -> Bool {
    if option.hasPrefix("x-") || option.hasPrefix("X-") { return true }
    return general.contains(option) && !initramfs.contains(option)
  }

  /// Those of one; a name with `=` at its end takes a value.
  private static func own(_ filesystem: Partition.Filesystem) -> Set<String> {
    switch filesystem {
    case .ext4:
      [
        "acl", "auto_da_alloc", "barrier", "barrier=", "block_validity", "bsddf", "commit=",
        "data=", "data_err=", "dax", "dax=", "debug", "delalloc", "dioread_lock",
        "dioread_nolock", "discard", "errors=", "grpid", "grpquota", "i_version",
        "init_itable", "init_itable=", "inode_readahead_blks=", "journal_async_commit",
        "journal_checksum", "journal_ioprio=", "jqfmt=", "grpjquota=", "usrjquota=",
        "max_batch_time=", "max_dir_size_kb=", "mb_optimize_scan=", "min_batch_time=",
        "minixdf", "nobarrier", "noacl", "noauto_da_alloc", "noblock_validity", "nodelalloc",
        "nodiscard", "nogrpid", "noinit_itable", "nojournal_checksum", "noload", "nomblk_io_submit",
        "noquota", "nouid32", "nouser_xattr", "nombcache", "prjquota", "quota", "resgid=",
        "resuid=",
        "sb=", "stripe=", "sysvgroups", "bsdgroups", "user_xattr", "usrquota",
      ]
    case .xfs:
      [
        "allocsize=", "attr2", "dax", "dax=", "discard", "filestreams", "gqnoenforce", "gquota",
        "grpid", "grpquota", "ikeep", "inode32", "inode64", "largeio", "logbsize=", "logbufs=",
        "logdev=", "noalign", "noattr2", "nodiscard", "nogrpid", "noikeep", "nolargeio",
        "noquota", "norecovery", "nouuid", "pqnoenforce", "pquota", "prjquota", "qnoenforce",
        "quota", "rtdev=", "sunit=", "swalloc", "swidth=", "sysvgroups", "bsdgroups",
        "uqnoenforce", "uquota", "usrquota", "wsync",
      ]
    case .vfat:
      [
        "allow_utime=", "check=", "codepage=", "debug", "discard", "dmask=", "dos1xfloppy",
        "errors=", "flush", "fmask=", "gid=", "iocharset=", "nfs", "nfs=", "nonumtail",
        "nonumtail=", "quiet", "rodir", "shortname=", "showexec", "sys_immutable", "time_offset=",
        "tz=", "uid=", "umask=", "usefree", "utf8", "utf8=", "uni_xlate",
      ]
    case .swap: ["discard", "discard=", "pri=", "sw"]
    case .squashfs: ["errors=", "threads="]
    case .erofs:
      ["acl", "noacl", "cache_strategy=", "dax", "dax=", "user_xattr", "nouser_xattr"]
    case .btrfs:
      [
        "acl", "noacl", "autodefrag", "noautodefrag", "barrier", "nobarrier", "clear_cache",
        "commit=", "compress", "compress=", "compress-force", "compress-force=", "datacow",
        "nodatacow", "datasum", "nodatasum", "degraded", "device=", "discard", "discard=",
        "nodiscard", "enospc_debug", "noenospc_debug", "fatal_errors=", "flushoncommit",
        "noflushoncommit", "max_inline=", "metadata_ratio=", "rescan_uuid_tree", "rescue=",
        "skip_balance", "space_cache", "space_cache=", "nospace_cache", "ssd", "nossd",
        "ssd_spread", "nossd_spread", "thread_pool=", "treelog",
        "notreelog", "user_subvol_rm_allowed",
      ]
    }
  }

  /// Whether a file system knows an option.
  static func knows(_ option: String, on filesystem: Partition.Filesystem) -> Bool {
    if option.hasPrefix("x-") || option.hasPrefix("X-") { return true }
    let name = option.firstIndex(of: "=").map { String(option[...$0]) } ?? option
    return general.contains(name) || own(filesystem).contains(name)
  }

  /// All names that a file system knows, sorted, for a suggestion.
  static func names(on filesystem: Partition.Filesystem) -> [String] {
    general.union(own(filesystem)).sorted()
  }
}
