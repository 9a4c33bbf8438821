package import Model

extension TarEntry {
  /// Where the entry's file belongs below the root of a tree, without `.` and needless slashes: `./etc/passwd` →
  /// `etc/passwd`; the root itself is the empty path.
  ///
  /// - Throws: When that leads out of the tree, or is a path that Linux does not have.
  package func place() throws(Failure) -> ByteString { try Self.place(path) }

  /// The same of the name that a hard link gives.
  package static func place(_ path: ByteString) throws(Failure) -> ByteString {
    let names = path.names.filter { $0 != "." }
    func refused(_ cause: String) -> Failure {
      Failure("use", "the path '\(path.brief)'", cause: cause)
    }
    // The kernel would take what comes before the NUL for the whole.
    guard !path.bytes.contains(0) else { throw refused("it contains a NUL character") }
    guard !names.contains("..") else { throw refused("it leads out of the tree: it contains '..'") }
    guard path.bytes.count <= Limits.path else {
      throw refused("it has \(path.bytes.count) bytes, more than Linux allows (\(Limits.path))")
    }
    if let long = names.first(where: { $0.bytes.count > Limits.name }) {
      throw refused(
        "a name in it has \(long.bytes.count) bytes, more than Linux allows (\(Limits.name))")
    }
    return ByteString(names.map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
  }
}

/// What an entry of a container image's layer does to the tree that it is laid on (layer.md of the OCI's image-spec,
/// "Whiteouts").
package enum LayerChange: Sendable, Equatable {
  /// The entry's own file comes to this path.
  case file(ByteString)
  /// What the layers beneath have at this path is gone.
  case whiteout(ByteString)
  /// What the layers beneath have in this folder is gone.
  case opaque(ByteString)

  private static let prefix: ByteString = ".wh."

  /// - Throws: When its path is no path in a tree, or it is a whiteout of nothing.
  package init(_ entry: TarEntry) throws(Failure) {
    let path = try entry.place()
    guard let name = path.lastName, name.hasPrefix(Self.prefix) else {
      self = .file(path)
      return
    }
    let folder = ByteString(
      path.names.dropLast().map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
    let hidden = ByteString(name.bytes.dropFirst(Self.prefix.bytes.count))
    switch hidden {
    case ".wh..opq": self = .opaque(folder)
    case _ where hidden.isEmpty || hidden == "." || hidden == ".." || hidden.hasPrefix(Self.prefix):
      throw Failure(
        "use", "the path '\(path.brief)'",
        cause: "it is not a whiteout defined by the OCI image specification",
        remedy: "rebuild the image with a tool that creates OCI layers")
    default: self = .whiteout(folder.appending(hidden))
    }
  }
}
