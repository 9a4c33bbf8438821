internal import Glibc
package import Model

extension Tree {
  /// Where packages' scripts put what they make, and what dpkg and apt themselves keep there.
  private static let places: [(folder: String, hollow: Set<[UInt8]>)] = [
    ("/etc", []), ("/opt", []), ("/root", []), ("/srv", []),
    ("/var/lib", Set(["apt", "dpkg", "ucf"].map { Array($0.utf8) })),
  ]

  /// The most that a file with a key has, in bytes, and where in it the key begins at the latest.
  private static let keyLimit = 64 << 10

  /// The files with a private key in them, by their paths.
  ///
  /// - Returns: Those in the text forms of RFC 7468, of OpenSSH and of OpenPGP.
  /// - Throws: When a folder cannot be read.
  package func privateKeys() throws(Failure) -> [String] {
    var found: [String] = []
    for (folder, hollow) in Self.places where isDirectory(folder) {
      for entry in try Walk(outside(folder), hollow: hollow).entries
      where entry.isRegular && 64...Self.keyLimit ~= Int(entry.information.st_size) {
        guard let path = String(validating: entry.path, as: UTF8.self) else { continue }
        let bytes = try read("\(folder)/\(path)")
        if Self.hasPrivateKey(bytes) { found.append("\(folder)/\(path)") }
      }
    }
    return found
  }

  /// Looks for the header line of a PEM private key.
  private static func hasPrivateKey(_ bytes: [UInt8]) -> Bool {
    guard bytes.firstRange(of: begin) != nil else { return false }
    return bytes.split(separator: UInt8(ascii: "\n")).contains { line in
      line.starts(with: begin) && line.firstRange(of: privateKey) != nil
    }
  }

  private static let begin = Array("-----BEGIN ".utf8)
  private static let privateKey = Array("PRIVATE KEY".utf8)
}
