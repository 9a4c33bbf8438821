internal import Glibc
package import Model

extension Store {
  /// Where the store is: what was asked for, else `PARTICLE_STORE`, else `Host.store`.
  ///
  /// - Throws: When the user has no home directory to put it in.
  package static func root(_ wanted: String?) throws(Failure) -> String {
    if let named = wanted ?? variable("PARTICLE_STORE") { return named }
    return try Host.store()
  }

  /// How much the store may take: what was asked for, else `PARTICLE_STORE_SIZE`, else a tenth of
  /// its file system but 10 GiB at least.
  ///
  /// - Throws: `Refusal` when the variable is no size.
  package func limit(_ wanted: ByteSize?) throws(Refusal) -> ByteSize {
    if let wanted { return wanted }
    if let text = variable("PARTICLE_STORE_SIZE") {
      if let size = ByteSize(text) { return size }
      throw Refusal(diagnostics: [
        Diagnostic(
          "PARTICLE_STORE_SIZE is '\(text)', which is not a size",
          remedy: "write a whole number and KiB, MiB, GiB or TiB, such as 20GiB")
      ])
    }
    return ByteSize(bytes: max(10 << 30, fileSystemSize(of: root) / 10))
  }
}

/// In bytes; of the folder above where there is no such path yet.
private func fileSystemSize(of path: String) -> Int {
  var info = statvfs()
  if statvfs(path.isEmpty ? "." : path, &info) == 0 {
    return Int(info.f_blocks) * Int(info.f_frsize)
  }
  guard !path.isEmpty else { return 0 }
  return fileSystemSize(of: String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
}

/// Nil when it is not set, or empty.
private func variable(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}
