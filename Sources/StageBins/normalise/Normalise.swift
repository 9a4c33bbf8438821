package import Model

/// Removes or rewrites what differs between two installations of the same packages: caches, logs,
/// backups, machine identities.
package struct Normalise: StageContract {
  /// Files that the recipe put where something is removed, by their absolute paths: they stay.
  package var keep: [String]

  package static let name = "normalise"
  package static let version = 3
  package static let summary = "Remove what differs between two installations of the same packages."
  package static let stance = Stance.inTree
  package static let schema = Schema<Self>.object(
    Field(
      optional: "keep", { $0.keep.isEmpty ? nil : $0.keep }, .list(of: .string),
      "The absolute paths of files to keep."),
    make: { Normalise(keep: $0 ?? []) })

  package init(keep: [String] = []) { self.keep = keep }
}

/// A set of files that differ between two installations, and why.
package struct Residue: Sendable {
  package var reason: String
  /// Paths that are removed.
  package var files: [String] = []
  /// Folders that stay and lose their content.
  package var folders: [String] = []
  /// Folders, and the ends of names in them that are removed.
  package var endings: [(folder: String, ending: String)] = []
}

package let residues: [Residue] = [
  Residue(
    reason: "backups of account files depend on how often tools ran",
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
    reason: "logs contain the time of the build",
    files: ["dpkg", "alternatives", "bootstrap", "fontconfig"].map { "/var/log/\($0).log" }
      + ["/var/log/tallylog"],
    folders: ["/var/log/apt", "/var/log/journal", "/var/log/installer"]),
  Residue(
    reason: "the linker's auxiliary cache contains file times",
    files: ["/var/cache/ldconfig/aux-cache"]),
  Residue(
    reason: "debconf's backups of its answers", endings: [("/var/cache/debconf", "-old")]),
  Residue(
    reason: "ucf's numbered backups",
    endings: (0...9).flatMap { number in
      ["hashfile", "registry"].map { ("/var/lib/ucf", "\($0).\(number)") }
    }),
  Residue(
    reason: "indexes that contain times; their programs rebuild them",
    folders: [
      "/var/cache/man", "/var/cache/fontconfig", "/var/cache/swcatalog", "/var/cache/app-info",
      "/var/lib/plocate", "/var/lib/mlocate", "/var/lib/apt-xapian-index", "/var/cache/apt-file",
    ]),
  Residue(
    reason: "secrets and random numbers that must differ between machines",
    files: [
      "/var/lib/systemd/random-seed", "/var/lib/systemd/credential.secret", "/etc/nvme/hostid",
      "/etc/nvme/hostnqn", "/etc/hostid", "/etc/iscsi/initiatorname.iscsi",
      "/etc/multipath/wwids",
    ], folders: ["/var/lib/systemd/timers"]),
  Residue(
    reason: "what storage tools and udev saw on the build machine",
    files: [
      "/etc/zfs/zpool.cache", "/etc/blkid.tab", "/run/mount/utab",
      "/etc/udev/rules.d/70-persistent-net.rules", "/etc/udev/rules.d/70-persistent-cd.rules",
    ], folders: ["/etc/lvm/backup", "/etc/lvm/archive", "/etc/lvm/cache"]),
  Residue(
    reason: "the state of services that never ran",
    files: ["/var/lib/cloud/instance"],
    folders: ["/var/lib/snapd/cache", "/var/lib/cloud/instances", "/var/lib/update-notifier"]),
  Residue(reason: "temporary files", folders: ["/tmp", "/var/tmp"]),
]

extension Normalise {
  /// The records of logins, which lose what is in them.
  package static let loginRecords = ["wtmp", "btmp", "lastlog", "faillog"].map { "/var/log/\($0)" }

  /// What is removed below /usr, wherever it is.
  ///
  /// Compiled Python has the times of its sources and an order that varies; caches of icons and of VLC's plugins have
  /// the order of the host's file system. Their programs do without.
  package static let scattered = ["/__pycache__", "/icon-theme.cache", "/vlc/plugins/plugins.dat"]

  /// Whether a file at this path would be removed, emptied or written anew, unless it is one to keep.
  package static func reaches(_ path: String) -> Bool {
    residues.contains { residue in
      residue.files.has(path) || residue.folders.contains { path.begins(with: $0 + "/") }
        || residue.endings.contains { folder, ending in
          path.begins(with: folder + "/") && path.ends(with: ending)
        }
    } || loginRecords.has(path) || path.begins(with: "/etc/ssh/ssh_host_")
      || MachineKey.all.contains { $0.files.has(path) }
      || ["/etc/ssl/", "/etc/systemd/system/"].contains(where: path.begins)
      || path.begins(with: "/usr/")
        && scattered.contains { path.ends(with: $0) || (path + "/").contains($0 + "/") }
  }
}
