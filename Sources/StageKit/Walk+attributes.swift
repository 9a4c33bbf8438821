internal import Files
package import Model
package import Tar

extension Walk {
  /// Refuses a tree with extended attributes that a format would lose or change.
  ///
  /// The access control list of /var/log/journal is allowed to get lost, because systemd-tmpfiles sets it at every boot
  /// (systemd's tmpfiles.d/systemd.conf).
  ///
  /// - Parameters:
  ///   - remedy: What to do about one.
  ///   - flaw: Says why the format cannot keep a file's attribute; nil where it can. The root is an entry without a path.
  /// - Throws: For the first that it cannot keep, by the order of paths; when attributes cannot be read.
  package func refuseAttributes(remedy: String, _ flaw: (Entry, TarEntry.Xattr) -> String?)
    throws(Failure)
  {
    for entry in [try rootEntry()] + entries where entry.isRegular || entry.isDirectory {
      let isRestored = ByteString(whole(entry.path)).hasSuffix("/var/log/journal")
      for attribute in try Xattrs.read(whole(entry.path)) {
        if isRestored, attribute.name.hasPrefix("system.posix_acl_") { continue }
        guard let cause = flaw(entry, attribute) else { continue }
        throw Failure(
          "write", "the attribute \(attribute.name.brief) of /\(ByteString(entry.path).abridged)",
          cause: cause, remedy: remedy)
      }
    }
  }
}
