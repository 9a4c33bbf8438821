internal import Model
internal import StageContracts
internal import StageKit

extension DebianPackages {
  /// Removes the keys that each machine is to make for itself, and refuses those that nobody has named: they would be
  /// the same on all machines of an image, and others in each build.
  ///
  /// - Parameters:
  ///   - tree: That the packages were installed in.
  ///   - before: The private keys that were in it before.
  /// - Throws: When a key is there that is not named, or one is named that is not there.
  func checkKeys(in tree: borrowing Tree, but before: [String]) throws(Failure) {
    for path in machineKeys {
      guard tree.isFile(path) else {
        throw Failure(
          "remove", path, cause: "no package created a key there",
          remedy: "correct the path in 'machine-keys', or remove it")
      }
      try tree.remove(path)
    }
    let new = try tree.privateKeys().filter { !before.has($0) }
    // Those in packages are for tests and examples: everybody has them anyway.
    let unknown = new.isEmpty ? [] : try withoutPackages(new, in: tree)
    guard unknown.isEmpty else {
      throw Failure(
        "install", "the packages",
        cause: "packages created private keys that all machines would share: "
          + unknown.map(shown).joined(separator: ", "),
        remedy: "remove them, so that each machine creates its own: 'machine-keys: ["
          + unknown.map(shown).joined(separator: ", ") + "]' in a 'packages' module")
    }
  }

  /// Those of some files that no package has.
  private func withoutPackages(_ paths: [String], in tree: borrowing Tree) throws(Failure)
    -> [String]
  {
    let info = "/var/lib/dpkg/info"
    var left = paths
    for name in try tree.names(in: info) where name.hasSuffix(".list") && !left.isEmpty {
      let files = try tree.readText("\(info)/\(name)").parts(at: "\n")
      left.removeAll { files.has($0) }
    }
    return left
  }
}
