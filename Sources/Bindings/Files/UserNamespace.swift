package import Model

/// The user namespace that this process is in.
package enum UserNamespace {
  /// Whether it is another than the machine's first, where root is root.
  ///
  /// Learnt when first asked, which must be after the process has entered its namespaces.
  package static let isOwn: Bool = {
    // The kernel's fixed number of the first one (PROC_USER_INIT_INO in linux/proc_ns.h).
    (try? Files.linkTarget("/proc/self/ns/user")) != "user:[4026531837]"
  }()

  /// Which ids of the machine those within are: lines of the first id within, the first outside,
  /// and their number, for users and then for groups (user_namespaces(7)).
  package static func ids() throws(Failure) -> String {
    var lines = ""
    for kind in ["uid", "gid"] {
      for line in try Files.readText("/proc/self/\(kind)_map").split(separator: "\n") {
        lines += "\(kind) \(line.split(separator: " ").joined(separator: " "))\n"
      }
    }
    return lines
  }
}
