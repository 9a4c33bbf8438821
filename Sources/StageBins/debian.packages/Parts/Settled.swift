internal import Files
internal import Glibc
internal import Model
internal import Processes
internal import StageContracts
internal import StageKit

extension DebianPackages {
  /// Makes anew, or takes away, what packages' scripts make differently each time: in the order of a directory, with the
  /// time, or from memory that nobody has set.
  ///
  /// - Parameters:
  ///   - tree: That the packages were installed in.
  ///   - epoch: The time that files have.
  /// - Throws: When that fails.
  func settle(in tree: borrowing Tree, at epoch: Timestamp) throws(Failure) {
    try sortDocuments(in: tree)
    let store = "/etc/ssl/certs/java/cacerts"
    // The password is that of ca-certificates-java, which everybody knows.
    if tree.isFile(store), let keys = KeyStore(try tree.read(store)),
      let dated = try keys.dated(epoch, password: "changeit")
    {
      try replace(store, with: dated, in: tree)
    }
    // Those of mail servers; /etc/aliases.db is postfix's.
    for folder in ["/etc", "/etc/mail", "/etc/postfix"] where tree.isDirectory(folder) {
      for name in try tree.names(in: folder) where name.hasSuffix(".db") {
        let path = "\(folder)/\(name)"
        guard tree.isFile(path), let database = BerkeleyDatabase(try tree.read(path)) else {
          continue
        }
        try replace(path, with: database.settled(at: path, epoch), in: tree)
      }
    }
    // What `mono --aot` compiled ahead has random bytes. Mono compiles at run time where it finds nothing.
    if tree.exists("/usr/lib/mono/aot-cache") { try tree.empty("/usr/lib/mono/aot-cache") }
  }

  /// Writes a file anew, its owner and mode as they are.
  private func replace(_ path: String, with bytes: [UInt8], in tree: borrowing Tree)
    throws(Failure)
  {
    let info = try tree.information(path)
    try tree.write(
      path, bytes, mode: info.st_mode & 0o7777, owner: info.st_uid, group: info.st_gid)
  }

  /// install-info's trigger lists the documents of /usr/share/info in the order in which find(1) meets them: it is run
  /// again with a find(1) that sorts.
  private func sortDocuments(in tree: borrowing Tree) throws(Failure) {
    guard tree.exists("/usr/share/info/dir"), tree.exists("/usr/sbin/update-info-dir") else {
      return
    }
    let folder = try Files.makeTemporaryDirectory(in: "/tmp", prefix: "sorted-")
    defer { try? Files.removeTree(folder) }
    try Files.write(
      Array("#!/bin/sh\n/usr/bin/find \"$@\" | LC_ALL=C sort\n".utf8), to: folder + "/find",
      mode: 0o755)
    try Command(["/usr/sbin/update-info-dir"]).with(environment: [
      "PATH": "\(folder):/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    ]).runLogged()
    // The backup of what was not sorted.
    try tree.remove("/usr/share/info/dir.old")
  }
}
