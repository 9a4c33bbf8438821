internal import Glibc
package import Model
internal import Tar

extension Walk {
  /// What sqfstar(1) has to be told of a tree: of an archive it takes everything but the root itself, which gets mode 0777.
  ///
  /// - Returns: Options for the root's mode, owner, group and time.
  /// - Throws: When the tree has attributes that SquashFS or sqfstar would lose.
  package func sqfstarOptions() throws(Failure) -> [String] {
    try refuseAttributes(remedy: "use another format, or remove it in a script module") {
      if $1.name.hasPrefix("system.") { return "SquashFS cannot store access control lists" }
      return $0.path.isEmpty ? "sqfstar writes no attributes of the root" : nil
    }
    let root = try rootInformation()
    return [
      "-root-mode", String(root.st_mode & 0o7777, radix: 8), "-root-uid", "\(root.st_uid)",
      "-root-gid", "\(root.st_gid)", "-root-time", "\(root.st_mtim.tv_sec)",
    ]
  }
}
