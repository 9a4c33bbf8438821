internal import Glibc
internal import Model
internal import StageContracts
internal import StageKit

/// A set of files that differ between two installations, and why.
private struct Residue {
  var reason: String
  /// Paths that are removed.
  var files: [String] = []
  /// Folders that stay and lose their content.
  var folders: [String] = []
  /// Folders, and the ends of names in them that are removed.
  var endings: [(folder: String, ending: String)] = []
}

private let residues: [Residue] = [
  Residue(
    reason: "backups that tools make of account files depend on how often they ran",
    files: ["passwd", "group", "shadow", "gshadow", "subuid", "subgid"].map { "/etc/\($0)-" }
      + ["/etc/.pwd.lock"]),
  Residue(
    reason: "dpkg's backups and locks",
    files: ["status", "diversions", "statoverride", "available"].map { "/var/lib/dpkg/\($0)-old" }
      + ["lock", "lock-frontend", "triggers/Lock"].map { "/var/lib/dpkg/\($0)" }),
  Residue(
    reason: "apt's caches hold the times and places of downloads",
    files: ["pkgcache.bin", "srcpkgcache.bin"].map { "/var/cache/apt/\($0)" }
      + ["/etc/apt/trustdb.gpg", "/etc/apt/apt.conf.d/01autoremove-kernels"],
    folders: ["/var/lib/apt/lists", "/var/cache/apt/archives", "/var/lib/apt/periodic"]),
  Residue(
    reason: "logs tell the time of the build",
    files: ["dpkg", "alternatives", "bootstrap", "fontconfig"].map { "/var/log/\($0).log" }
      + ["/var/log/tallylog"],
    folders: ["/var/log/apt", "/var/log/journal", "/var/log/installer"]),
  Residue(
    reason: "the linker's cache of file times; the libraries' own cache has none",
    files: ["/var/cache/ldconfig/aux-cache"]),
  Residue(
    reason: "debconf's backups of its answers", endings: [("/var/cache/debconf", "-old")]),
  Residue(
    reason: "ucf's numbered backups",
    endings: (0...9).flatMap { number in
      ["hashfile", "registry"].map { ("/var/lib/ucf", "\($0).\(number)") }
    }),
  Residue(
    reason: "indexes that their programs make again, with times in them",
    folders: [
      "/var/cache/man", "/var/cache/fontconfig", "/var/cache/swcatalog", "/var/cache/app-info",
      "/var/lib/plocate", "/var/lib/mlocate", "/var/lib/apt-xapian-index", "/var/cache/apt-file",
    ]),
  Residue(
    reason: "secrets and random numbers that each machine must have of its own",
    files: [
      "/var/lib/systemd/random-seed", "/var/lib/systemd/credential.secret", "/etc/nvme/hostid",
      "/etc/nvme/hostnqn", "/etc/hostid", "/etc/iscsi/initiatorname.iscsi",
      "/etc/multipath/wwids",
    ], folders: ["/var/lib/systemd/timers"]),
  Residue(
    reason: "what storage and udev saw on the machine of the build",
    files: [
      "/etc/zfs/zpool.cache", "/etc/blkid.tab", "/run/mount/utab",
      "/etc/udev/rules.d/70-persistent-net.rules", "/etc/udev/rules.d/70-persistent-cd.rules",
    ], folders: ["/etc/lvm/backup", "/etc/lvm/archive", "/etc/lvm/cache"]),
  Residue(
    reason: "states of services that ran at no time",
    files: ["/var/lib/cloud/instance"],
    folders: ["/var/lib/snapd/cache", "/var/lib/cloud/instances", "/var/lib/update-notifier"]),
  Residue(reason: "temporary files", folders: ["/tmp", "/var/tmp"]),
]

extension Normalise {
  func removeFiles(in tree: borrowing Tree) throws(Failure) {
    for residue in residues {
      var files = residue.files
      for (folder, ending) in residue.endings {
        files += try tree.names(in: folder).filter { $0.hasSuffix(ending) }.map {
          "\(folder)/\($0)"
        }
      }
      for file in files where tree.exists(file) {
        try tree.remove(file)
        Log.note("removed \(file): \(residue.reason)")
      }
      for folder in residue.folders where try !tree.names(in: folder).isEmpty {
        try tree.empty(folder)
        Log.note("emptied \(folder): \(residue.reason)")
      }
    }
  }

  /// The records of logins must be there for programs to write to, but not with what is in them.
  func emptyFiles(in tree: borrowing Tree) throws(Failure) {
    for name in ["wtmp", "btmp", "lastlog", "faillog"] {
      let path = "/var/log/\(name)"
      guard tree.exists(path) else { continue }
      let info = try tree.information(path)
      guard info.st_size > 0 else { continue }
      try tree.write(
        path, [UInt8](), mode: info.st_mode & 0o7777, owner: info.st_uid, group: info.st_gid)
    }
  }

  /// Files of these names may be anywhere below /usr.
  func removeScattered(in tree: borrowing Tree) throws(Failure) {
    // Compiled Python has the times of its sources and an order that varies; caches of icons and
    // of VLC's plugins have the order of the host's file system. Their programs do without.
    let endings: [ByteString] = ["/__pycache__", "/icon-theme.cache", "/vlc/plugins/plugins.dat"]
    guard tree.isDirectory("/usr") else { return }
    for entry in try Walk(tree.outside("/usr")).entries {
      let path = "/usr/" + ByteString(entry.path)
      if endings.contains(where: path.hasSuffix) { try tree.remove(path.bytes) }
    }
  }

  /// A day on which a password was set later than the epoch is the day of the build.
  func clampPasswordDays(in tree: borrowing Tree, to epoch: Timestamp) throws(Failure) {
    var table = try NameTable("/etc/shadow", in: tree)
    let today = epoch.seconds / 86_400
    var isChanged = false
    for index in table.records.indices where table.records[index].count == 9 {
      guard let day = Int(table.records[index][2]), day > today else { continue }
      table.records[index][2] = "\(today)"
      isChanged = true
    }
    guard isChanged else { return }
    let info = try tree.information(table.path)
    try tree.write(
      table.path, table.text, mode: info.st_mode & 0o7777, owner: info.st_uid, group: info.st_gid)
  }
}
