internal import Deb
internal import Files
internal import Model
internal import StageContracts
internal import StageKit
internal import Tar

extension DebianPackages {
  /// Extracts the first packages into an empty tree, without running anything of them.
  ///
  /// Decompressing takes most of the time. It runs ahead of the writing, which keeps the order, and
  /// it is done once: dpkg gets these packages as they are then.
  ///
  /// - Parameters:
  ///   - packages: The folder of the .deb files.
  ///   - tree: The tree.
  /// - Returns: Where the packages are, not compressed, by their names: in memory, outside the tree.
  /// - Throws: When a package is damaged or has no room.
  func extractFirst(from packages: String, to tree: borrowing Tree) throws -> [String: String] {
    guard !extract.isEmpty else { return [:] }
    for name in extract where name.utf8.contains(UInt8(ascii: "/")) || name == ".." || name == "." {
      throw Failure("extract", shown(name), cause: "it is not the name of a file in the input")
    }
    // /tmp is the sandbox's own.
    let folder = try Files.makeTemporaryDirectory(in: "/tmp", prefix: "packages-")
    defer { if steps.isEmpty { try? Files.removeTree(folder) } }
    var waiting = extract[...].makeIterator()
    func startNext() -> Errand<ExpandedDeb>? {
      waiting.next().map { name in
        Errand { () throws(Failure) in
          let package = try DebArchive(path: "\(packages)/\(name)", name: name).expanded()
          try package.write(to: "\(folder)/\(name)")
          return package
        }
      }
    }
    // Few enough that they fit in memory.
    var ahead = (0..<3).compactMap { _ in startNext() }
    for name in extract {
      let package = try ahead.removeFirst().wait()
      if let next = startNext() { ahead.append(next) }
      try extract(TarReader(package.data, archive: name), name, to: tree)
    }
    try makeDatabase(in: tree)
    return Dictionary(uniqueKeysWithValues: extract.map { ($0, "\(folder)/\($0)") })
  }

  private func extract(_ archive: TarReader, _ name: String, to tree: borrowing Tree)
    throws(Failure)
  {
    var archive = archive
    while let entry = try archive.next() {
      do throws(Failure) { try tree.unpack(entry, from: &archive) } catch {
        throw Failure("extract", name, cause: "\(error)")
      }
    }
  }

  /// dpkg asks for its database to be there, empty, before it installs the first package.
  private func makeDatabase(in tree: borrowing Tree) throws(Failure) {
    for folder in ["alternatives", "info", "parts", "triggers", "updates"] {
      try tree.makeDirectories("/var/lib/dpkg/\(folder)")
    }
    for file in ["available", "status"] { try tree.write("/var/lib/dpkg/\(file)", "") }
  }
}
