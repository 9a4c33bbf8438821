internal import Model
package import StageContracts
package import StageKit

@main extension DebianRoot: StageBody {
  package func run(in job: borrowing Job) throws {
    let packages = try job.input("packages")
    for name in unpack {
      let archive = try DebArchive(path: "\(packages)/\(name)", name: name)
      var reader = TarReader(try archive.data(), archive: name)
      while let (entry, content) = try reader.next() {
        do { try job.tree.unpack(entry, content) } catch {
          throw Failure("unpack", name, cause: "\(error)")
        }
      }
    }
    try makeDatabase(in: job.tree)
  }

  /// dpkg asks for its database to be there, empty, before it installs the first package.
  private func makeDatabase(in tree: borrowing Tree) throws(Failure) {
    for folder in ["alternatives", "info", "parts", "triggers", "updates"] {
      try tree.makeDirectories("/var/lib/dpkg/\(folder)")
    }
    for file in ["available", "status"] { try tree.write("/var/lib/dpkg/\(file)", "") }
  }
}
