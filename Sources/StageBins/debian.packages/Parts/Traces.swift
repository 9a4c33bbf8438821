internal import Model
internal import StageContracts
internal import StageKit

extension DebianPackages {
  /// Takes away what packages' scripts leave of this one installation: logs with its time, a cache
  /// of inode numbers, random ids.
  ///
  /// Without this the stage's layer would differ each time, and every stage after it would run
  /// again. What is left of the ids is what the stage `normalise` leaves too, and no machine's private
  /// keys are kept in a store. A database cluster that the packages have made goes, too: each machine
  /// makes one of its own.
  ///
  /// - Parameters:
  ///   - tree: That the packages were installed in.
  ///   - clusters: The database clusters that were in it before.
  /// - Throws: When something cannot be removed.
  func removeTraces(in tree: borrowing Tree, but clusters: [DatabaseCluster]) throws(Failure) {
    for file in [
      "/var/cache/ldconfig/aux-cache", "/var/log/alternatives.log", "/var/log/dpkg.log",
      "/var/log/fontconfig.log",
    ] {
      try tree.remove(file)
    }
    try tree.removePrivateKeys(and: MachineKey.all.flatMap(\.files))
    try tree.removeModuleLogs()
    for cluster in try DatabaseCluster.all(in: tree) where !clusters.contains(cluster) {
      try cluster.remove(from: tree)
    }
    if tree.exists("/etc/machine-id") { try tree.write("/etc/machine-id", "", mode: 0o444) }
    if tree.exists("/var/lib/dbus/machine-id") {
      try tree.link("/var/lib/dbus/machine-id", to: "/etc/machine-id")
    }
  }
}
