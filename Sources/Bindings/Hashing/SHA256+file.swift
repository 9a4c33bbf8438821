package import Files
package import Model

extension SHA256 {
  /// The digest of all of a file, wherever its offset is.
  ///
  /// - Parameter file: The file.
  /// - Returns: Its digest, and its size in bytes.
  /// - Throws: When it cannot be read.
  package static func digest(of file: borrowing FileDescriptor) throws(Failure)
    -> (digest: Digest, size: Int)
  {
    let hash = SHA256()
    var size = 0
    while true {
      let bytes = try file.read(1 << 20, at: size)
      if bytes.isEmpty { return (hash.finish(), size) }
      hash.update(bytes)
      size += bytes.count
    }
  }
}
